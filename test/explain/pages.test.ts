/** The pages of docs/explain are what the software renders now. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explanationPages } from "../../scripts/render-explanations.ts";

const folder = join(import.meta.dirname, "../../docs/explain");

const pages = await explanationPages();

// The last digits of values may differ between engines; formulas may not. So numbers with a point are cut.
const withoutDigits = (text: string) => text.replace(/\d+\.\d+/g, "#");

test.each([...pages.keys()])("%s (remake: node scripts/render-explanations.ts)", (name) => {
  const stored = readFileSync(join(folder, name), "utf8");
  expect(withoutDigits(pages.get(name)!)).toBe(withoutDigits(stored));
});

test("the derivation of an MLQP prints the published updates", () => {
  const text = pages.get("mlqp-steps.tex")!;
  // Δu = −η δ x², Δv = −η δ x, Δb = −η δ with δ = ∂C/∂z, and δ = f′(z) Σ δ (2ua + v) below.
  expect(text).toContain("U_{ij}^{(1)} - \\eta\\,\\delta_{i}^{(1)}\\,x_{j}^{2}");
  expect(text).toContain("V_{ij}^{(1)} - \\eta\\,\\delta_{i}^{(1)}\\,x_{j}");
  expect(text).toContain("b_{i}^{(1)} - \\eta\\,\\delta_{i}^{(1)}");
  expect(text).toContain("\\delta_{1}^{(2)}\\,(2\\,U_{1j}^{(2)}\\,a_{j}^{(1)} + V_{1j}^{(2)})");
});

test("the derivation of the CNN prints its chain", () => {
  const text = pages.get("cnn.txt")!;
  for (const line of [
    "Z⁽¹⁾_pqk = Σ_{u=0..4} Σ_{v=0..4} W⁽¹⁾_{u,v,0,k} X_{p+u,q+v,0} + b⁽¹⁾_k",
    "δ⁽⁴⁾ = a⁽⁴⁾ − y",
    "δ⁽³⁾ = W⁽⁴⁾ᵀ δ⁽⁴⁾",
    "Δ⁽¹⁾_hwc = 1/4 Δ⁽²⁾_{⌊h/2⌋,⌊w/2⌋,c} σ′(Z⁽¹⁾_hwc)",
    "∂C/∂W⁽¹⁾_{u,v,0,k} = Σ_{p=0..23} Σ_{q=0..23} Δ⁽¹⁾_pqk X_{p+u,q+v,0}",
  ]) {
    expect(text).toContain(line);
  }
});

test("the derivation of max pooling says which of equal largest elements takes the error", () => {
  const text = pages.get("max-pooling.txt")!;
  for (const line of [
    "A⁽²⁾_pqc = max_{u,v} A⁽¹⁾_{2 p+u−1,2 q+v−1,c}    [forward pass; elements outside of the input are −∞]",
    "ξ⁽²⁾_pqc = min_{u,v} {(2 p + u − 1, 2 q + v − 1) : A⁽¹⁾_{2 p+u−1,2 q+v−1,c} = A⁽²⁾_pqc}",
    "[(h, w) = ξ⁽²⁾_pqc] Δ⁽²⁾_pqc",
    "ξ⁽⁴⁾_pqc = min_{u,v} {(2 p + u, 2 q + v) : A⁽³⁾_{2 p+u,2 q+v,c} = A⁽⁴⁾_pqc}",
    "[(h, w) = ξ⁽⁴⁾_{⌊h/2⌋,⌊w/2⌋,c}] Δ⁽⁴⁾_{⌊h/2⌋,⌊w/2⌋,c}",
  ]) {
    expect(text).toContain(line);
  }
  expect(pages.get("max-pooling.tex")!).toContain(
    "\\xi_{pqc}^{(4)} &= \\min_{u,v}\\,\\{(2\\,p + u, 2\\,q + v) : A_{2\\,p + u,2\\,q + v,c}^{(3)} = A_{pqc}^{(4)}\\}",
  );
});
