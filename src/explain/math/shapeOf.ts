/** Shapes of mathematical expressions, and what is said when they do not fit. */

import { formatShape, type Shape, sameShape, sizeOf } from "../../ir/index.ts";
import { InternalError } from "../../util/index.ts";
import type { Expression } from "./expression.ts";

function fail(what: string): never {
  throw new InternalError(`mathematics: ${what}.`);
}

/** Scalars go with everything; other shapes must be equal. */
function common(shapes: readonly Shape[], where: string): Shape {
  let result: Shape = [];
  for (const shape of shapes) {
    if (shape.length === 0) continue;
    if (result.length === 0) result = shape;
    else if (!sameShape(result, shape)) {
      fail(`${where} of shapes ${formatShape(result)} and ${formatShape(shape)}`);
    }
  }
  return result;
}

/** Column vectors are [n], row vectors [1, n]. */
function productShape(a: Shape, b: Shape): Shape {
  const left = a.length === 1 ? [a[0], 1] : a;
  const right = b.length === 1 ? [b[0], 1] : b;
  if (left.length !== 2 || right.length !== 2 || left[1] !== right[0]) {
    fail(`product of shapes ${formatShape(a)} and ${formatShape(b)}`);
  }
  return b.length === 1 ? [left[0]] : [left[0], right[1]];
}

export function shapeOf(x: Expression): Shape {
  switch (x.type) {
    case "number":
    case "index":
    case "group":
    case "bracket":
    case "compare":
    case "and":
    case "squaredNorm":
      return [];
    case "symbol":
      return x.symbol.shape;
    case "partial":
      return [...x.top.shape, ...x.bottom.shape];
    case "add":
      return common(x.terms.map(shapeOf), "sum");
    case "times":
    case "hadamard":
      return common(x.factors.map(shapeOf), "product");
    case "fraction":
      return common([shapeOf(x.top), shapeOf(x.bottom)], "quotient");
    case "power":
      return common([shapeOf(x.base), shapeOf(x.exponent)], "power");
    case "primitive":
      return common(x.arguments.map(shapeOf), x.name);
    case "cases":
      return common(
        [...x.branches.map(({ value }) => shapeOf(value)), shapeOf(x.otherwise)],
        "cases",
      );
    case "apply":
      return shapeOf(x.to);
    case "negative":
    case "softmax":
    case "sum":
    case "maximum":
    case "minimum":
      return shapeOf(x.of);
    case "matmul":
      return x.factors.map(shapeOf).reduce(productShape);
    case "transpose": {
      const shape = shapeOf(x.of);
      if (shape.length === 1) return [1, shape[0]];
      if (shape.length !== 2) fail(`transpose of shape ${formatShape(shape)}`);
      return [shape[1], shape[0]];
    }
    case "at": {
      const shape = shapeOf(x.of);
      if (x.indices.length > shape.length) {
        fail(`${x.indices.length} indices on shape ${formatShape(shape)}`);
      }
      return shape.slice(x.indices.length);
    }
    case "ones":
      return [x.size];
    case "diagonal": {
      const [n] = shapeOf(x.of);
      return [n, n];
    }
    case "reshape":
      if (sizeOf(x.shape) !== sizeOf(shapeOf(x.of))) {
        fail(`reshape of ${formatShape(shapeOf(x.of))} to ${formatShape(x.shape)}`);
      }
      return x.shape;
  }
}
