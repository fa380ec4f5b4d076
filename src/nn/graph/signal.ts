/** Signals: the symbols with which networks that are not chains are written down. */

import type { Shape } from "../../ir/index.ts";
import { ShapeError } from "../../util/index.ts";
import type { Join, Layer, Part } from "../layer.ts";
import { joinedShapeOf, outputShapeOf } from "../outputShape.ts";

/** What flows between the layers of a graph: an input, or the result of a layer.
 *
 * @example
 * const a = input([8]);
 * const b = input([8]);
 * const encode = layers.linear(4); // used twice: one set of parameters
 * const distance = Signal.join(joins.multiply(), a.to(encode), b.to(encode));
 */
export class Signal {
  /** Of one sample, without the batch axis. */
  readonly shape: Shape;
  /** What makes the signal; undefined for an input. */
  readonly part: Part | undefined;
  readonly from: readonly Signal[];

  private constructor(shape: Shape, part: Part | undefined, from: readonly Signal[]) {
    this.shape = shape;
    this.part = part;
    this.from = from;
  }

  static input(shape: Shape): Signal {
    return new Signal(shape, undefined, []);
  }

  /** The result of a join of signals. @throws ShapeError when they do not fit */
  static join(join: Join, ...from: readonly Signal[]): Signal {
    if (from.length === 0) {
      throw new ShapeError(`Join "${join.kind}": expected at least one signal, got none.`);
    }
    const shapes = from.map(({ shape }) => shape);
    return new Signal(joinedShapeOf(join, shapes), join, from);
  }

  /** The result of layers in a row. @throws ShapeError when they do not fit */
  to(...layers: readonly Layer[]): Signal {
    return layers.reduce<Signal>(
      (signal, layer) => new Signal(outputShapeOf(layer, signal.shape), layer, [signal]),
      this,
    );
  }
}

/** An input of a graph, for samples of the given shape. */
export function input(shape: Shape): Signal {
  return Signal.input(shape);
}

/** The result of a join of signals.
 * @throws ShapeError when they do not fit
 * @example
 * join(joins.concatenate(), a.to(layers.linear(4)), b);
 */
export function join(how: Join, ...from: readonly Signal[]): Signal {
  return Signal.join(how, ...from);
}
