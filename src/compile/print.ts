/** Kernels as text, for people who want to see what the compiler made of their network. */

import type { Affine, Kernel, Store, Value } from "./kernel.ts";

/** `map [120, 3]: b7[3i0 + i1] = add(b5[3i0 + i1], b2[i1])`. */
export function printKernel(kernel: Kernel): string {
  switch (kernel.kind) {
    case "map":
      return `map [${kernel.extents}]: ${printStores(kernel.stores)}`;
    case "reduce": {
      const side =
        kernel.sideStores.length > 0 ? `; within: ${printStores(kernel.sideStores)}` : "";
      return (
        `${kernel.op} [${kernel.extents}] over [${kernel.reduced}] of ${kernel.inputs.map(printValue).join(", ")}` +
        `${side}: ${printStores(kernel.stores)}`
      );
    }
    case "contract": {
      const clipped = kernel.windows.map(
        ({ outputDim, summedDim, length }) =>
          `, axis of i${outputDim} and j${summedDim} clipped to ${length}`,
      );
      return (
        `contract [${kernel.extents}] over [${kernel.reduced}] of ${printAt(kernel.a.buffer, kernel.a.at)}` +
        ` and ${printAt(kernel.b.buffer, kernel.b.at)}${clipped.join("")}: ` +
        printStores(kernel.stores)
      );
    }
    case "patch": {
      const image = printAt(kernel.image.buffer, kernel.image.at);
      const weights = printAt(kernel.weights.buffer, kernel.weights.at);
      const [target, source] = kernel.direction === "gather" ? [weights, image] : [image, weights];
      return (
        `patch [${kernel.extents}] of [${kernel.patch}]: ${target} += b${kernel.values} · ${source}` +
        `, places of the image b${kernel.places}`
      );
    }
    case "scatterAdd":
      return (
        `scatterAdd b${kernel.target} [${kernel.rows}, ${kernel.rowSize}] += ` +
        `${kernel.count} rows of b${kernel.updates} at b${kernel.indices}`
      );
  }
}

function printStores(stores: readonly Store[]): string {
  return stores
    .map(({ buffer, at, value }) => `${printAt(buffer, at)} = ${printValue(value)}`)
    .join("; ");
}

function printValue(value: Value): string {
  switch (value.kind) {
    case "load":
      return printAt(value.buffer, value.at);
    case "constant":
      return String(Number(value.value.toPrecision(6)));
    case "index":
      return `(${printAffine(value.at)})`;
    case "gather":
      return `b${value.table}[${value.rowSize}·${printValue(value.row)} + ${printAffine(value.at)}]`;
    case "random":
      return `random(b${value.key}, ${printAffine(value.at)})`;
    case "op":
      return `${value.op}(${value.inputs.map(printValue).join(", ")})`;
    case "anchor":
      return value.result === 0 ? "anchor" : `anchor${value.result}`;
  }
}

function printAt(buffer: number, at: Affine): string {
  return `b${buffer}[${printAffine(at)}]`;
}

function printAffine({ offset, strides }: Affine): string {
  const terms = strides.flatMap((stride, loop) =>
    stride === 0 ? [] : [`${stride === 1 ? "" : stride}i${loop}`],
  );
  if (offset !== 0 || terms.length === 0) terms.push(String(offset));
  return terms.join(" + ");
}
