/** Gives a layer at its place in a chain its symbols and parameters. */

import type { Shape } from "../../ir/index.ts";
import type { MathSymbol } from "../math/index.ts";
import { type ExplainedLayer, parametersOf } from "../model.ts";
import { type Words, words } from "../words.ts";
import type { Site, SiteParameter } from "./site.ts";

/** What holds for the whole derivation. */
export interface Setting {
  readonly batch: number | undefined;
  readonly training: boolean;
  /** C. */
  readonly loss: MathSymbol;
}

/** Where a layer stands, before its equations are known. */
export interface Place {
  readonly setting: Setting;
  /** The layer whose parameters it shares. */
  readonly parameterLabel?: string;
  readonly label: string;
  readonly input: MathSymbol;
  readonly shape: Shape;
  readonly firstKey: number;
  readonly needsInputGradient: boolean;
}

/** What is known of a layer once it has been traced. */
interface PlacedLayer {
  readonly layer: ExplainedLayer;
  /** Begins the paths of its parameters. */
  readonly path: string;
  readonly outputShape: Shape;
  /** Whether its result is called a, not z: nothing weighs it, and no activation follows. */
  readonly isPlain: boolean;
}

/** The layer's site, and the symbol for the result of an activation after it. */
export function siteAt(
  place: Place,
  { layer, path, outputShape, isPlain }: PlacedLayer,
): { readonly site: Site; readonly a: MathSymbol } {
  const { setting, label, input, shape: inputShape, parameterLabel } = place;
  const { batch, training, loss } = setting;
  const shape = batch === undefined ? outputShape : [batch, ...outputShape];
  const quantity = (name: string, letter: string, meaning: Words): MathSymbol => ({
    key: `${label}.${name}`,
    letter: letterFor(letter, shape.length),
    layer: label,
    shape,
    meaning,
  });
  const output = isPlain
    ? quantity("z", "a", words("result", "输出"))
    : quantity("z", "z", words("weighted input", "加权输入"));
  const { letter } = output;
  const error = quantity("δ", "δ", words(`error ∂C/∂${letter}`, `误差 ∂C/∂${letter}`));
  const parameters = new Map(
    [...parametersOf(layer, inputShape)].map(([name, spec]): [string, SiteParameter] => [
      name,
      { ...spec, path: path + name },
    ]),
  );
  const site: Site = {
    kind: layer.kind,
    options: layer.options,
    label,
    batch,
    training,
    loss,
    input,
    output,
    inputShape,
    outputShape,
    error,
    parameters,
    needsInputGradient: place.needsInputGradient,
    layer,
    firstKey: place.firstKey,
    ...(parameterLabel !== undefined && { parameterLabel }),
  };
  return { site, a: quantity("a", "a", words("activation", "激活值")) };
}

/** Capital for matrices and more axes. */
function letterFor(letter: string, rank: number): string {
  if (rank < 2) return letter;
  return letter === "δ" ? "Δ" : letter.toUpperCase();
}
