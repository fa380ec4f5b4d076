/** Changing rows of pictures: a pure function of their values, the seed, the epoch and the row's number. */

import { Generator, UsageError } from "../../util/index.ts";
import type { InputValues } from "../rowValues.ts";
import { type Fill, placesOf, Sampler } from "./sample.ts";
import type { AffineMap, FieldMap, Move, PictureShape, Transform } from "./transform.ts";

/** What is done to each row, and with which random numbers. */
export interface AugmentOptions {
  readonly transforms: readonly Transform[];
  readonly shape: PictureShape;
  readonly fill: Fill;
  readonly seed: number;
}

/** Rows and their numbers in the dataset. */
export interface AugmentTask {
  /** Counted from 1. */
  readonly epoch: number;
  /** The number of each row in the dataset [rows]. */
  readonly rows: Int32Array;
  /** [rows, height, width, channels] */
  readonly inputs: InputValues;
}

/** The picture that one row of a shape is: [height, width, channels], or [height, width]; a row without
 * such axes is one line, which only changes of pixels can work on.
 *
 * @throws UsageError for moves of rows that are no pictures
 */
export function pictureShape(
  shape: readonly number[],
  transforms: readonly Transform[],
): PictureShape {
  if (shape.length === 2 || shape.length === 3) {
    const [height, width, channels = 1] = shape;
    return { height, width, channels };
  }
  const move = transforms.find(({ type }) => type === "move");
  if (move !== undefined) {
    throw new UsageError(
      `Transform ${move.kind}: expected pictures [height, width, channels], got rows of shape ` +
        `[${shape.join(", ")}]; give the dataset that shape with dataset.withInputs.`,
    );
  }
  return { height: 1, width: shape.reduce((product, size) => product * size, 1), channels: 1 };
}

/** Changes rows in place, those from `start` to `end`. */
export function augmentRows(
  { epoch, rows, inputs }: AugmentTask,
  { transforms, shape, fill, seed }: AugmentOptions,
  start = 0,
  end = rows.length,
): void {
  const { height, width, channels } = shape;
  const size = height * width * channels;
  const places = new Float64Array(height * width * 2);
  const sampler = new Sampler(shape, fill, inputs);
  const ofEpoch = new Generator(seed).fork("augmentation").fork(epoch);
  const groups = grouped(transforms);
  for (let i = start; i < end; i++) {
    const random = ofEpoch.fork(rows[i]);
    const pixels = inputs.subarray(i * size, (i + 1) * size);
    for (const group of groups) {
      if ("change" in group) {
        group.change.apply(pixels, shape, random.fork(group.number));
        continue;
      }
      const moves: (AffineMap | FieldMap)[] = group.moves.map((move, j) =>
        move.draw(random.fork(group.number + j), shape),
      );
      placesOf(moves, shape, places);
      sampler.resample(pixels, places);
    }
  }
}

type Group =
  | { readonly number: number; readonly moves: readonly Move[] }
  | { readonly number: number; readonly change: Exclude<Transform, Move> };

/** The transforms with moves in a row as one, each with its number in the list. */
function grouped(transforms: readonly Transform[]): Group[] {
  const groups: Group[] = [];
  transforms.forEach((transform, number) => {
    const last = groups.at(-1);
    if (transform.type === "pixels") groups.push({ number, change: transform });
    else if (last !== undefined && "moves" in last) {
      groups[groups.length - 1] = { ...last, moves: [...last.moves, transform] };
    } else groups.push({ number, moves: [transform] });
  });
  return groups;
}
