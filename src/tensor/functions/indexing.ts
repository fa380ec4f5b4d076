/** Reading and adding at computed indices along an axis; an index outside reads 0 or is dropped. */

import {
  build,
  formatShape,
  makeNode,
  type Node,
  normalizeAxis,
  sizeOf,
  stridesOf,
} from "../../ir/index.ts";
import { ShapeError } from "../../util/index.ts";

/** The order of axes that moves axis `from` to `to` and keeps the others in order. */
function moved(rank: number, from: number, to: number): number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis);
  return order.toSpliced(from, 1).toSpliced(to, 0, from);
}

/** result[…before, …i, …after] = x[…before, indices[…i], …after] */
export function gather(x: Node, indices: Node, axis: number): Node {
  const along = normalizeAxis(axis, x.shape.length, "gather");
  const front = build.permute(x, moved(x.shape.length, along, 0));
  const rows = makeNode("gather", [front, indices], {});
  // [...i, ...before, ...after] → [...before, ...i, ...after]
  const picked = indices.shape.length;
  const order = rows.shape.map((_, i) => i);
  return build.permute(rows, [
    ...order.slice(picked, picked + along),
    ...order.slice(0, picked),
    ...order.slice(picked + along),
  ]);
}

/** x with updates[…before, …i, …after] added at index indices[…i] of the axis. */
export function scatterAdd(x: Node, indices: Node, updates: Node, axis: number): Node {
  const along = normalizeAxis(axis, x.shape.length, "scatterAdd");
  const picked = indices.shape.length;
  const [before, after] = [x.shape.slice(0, along), x.shape.slice(along + 1)];
  const values = build.broadcast(updates, [...before, ...indices.shape, ...after]);
  const order = values.shape.map((_, i) => i);
  const front = build.permute(values, [
    ...order.slice(along, along + picked),
    ...order.slice(0, along),
    ...order.slice(along + picked),
  ]);
  const sums = makeNode("scatterAdd", [indices, front], { length: x.shape[along] });
  return build.add(x, build.permute(sums, moved(x.shape.length, 0, along)));
}

/** result[…, j, …] = x[…, indices[…, j, …], …]: along one axis, all other indices being equal. */
export function takeAlong(x: Node, indices: Node, axis: number): Node {
  const rank = x.shape.length;
  const along = normalizeAxis(axis, rank, "takeAlong");
  const fits =
    indices.shape.length === rank &&
    indices.shape.every((length, i) => i === along || length === x.shape[i]);
  if (!fits) {
    throw new ShapeError(
      `takeAlong: expected indices of shape ${formatShape(x.shape)} but for axis ${along}, ` +
        `got ${formatShape(indices.shape)}.`,
    );
  }
  const whole = (value: number) => build.fullLike(value, indices);
  const strides = stridesOf(x.shape);
  const position = x.shape.reduce<Node>((sum, _, i) => {
    const index = i === along ? indices : build.iota(i, indices.shape, "int32");
    return build.add(sum, build.mul(index, whole(strides[i])));
  }, whole(0));
  const inside = build.binary(
    "and",
    build.binary("ge", indices, whole(0)),
    build.binary("lt", indices, whole(x.shape[along])),
  );
  const flat = build.reshape(x, [sizeOf(x.shape)]);
  return makeNode("gather", [flat, build.select(inside, position, whole(-1))], {});
}
