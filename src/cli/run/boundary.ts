/** The map of two features: what the network says on a grid, with the rows on it. */

import type { Dataset } from "../../data/index.ts";
import type { DecisionBoundaryData } from "../../figures/index.ts";
import { predictRows, type TrainedModel } from "./testing.ts";

/** Points of the grid along each axis. */
const gridSize = 120;

/** A margin around the rows, as a share of their range. */
const margin = 0.08;

/** The map over features `x` and `y`, by index; the other features stay at their means over `train`. */
export async function boundaryOf(
  model: TrainedModel,
  { train, test }: { readonly train: Dataset; readonly test: Dataset },
  [x, y]: readonly [number, number],
): Promise<DecisionBoundaryData> {
  const { inputSize, classNames = [], featureNames } = train;
  const parts = train === test ? [train] : [train, test];
  const xRange = rangeOf(parts, x);
  const yRange = rangeOf(parts, y);
  const means = Array.from({ length: inputSize }, (_, j) => mean(column(train, j)));
  const grid = new Float64Array(gridSize * gridSize * inputSize);
  for (let cell = 0; cell < gridSize * gridSize; cell++) {
    grid.set(means, cell * inputSize);
    grid[cell * inputSize + x] = at(xRange, cell % gridSize);
    grid[cell * inputSize + y] = at(yRange, Math.floor(cell / gridSize));
  }
  const { probabilities = [] } = await predictRows(model, grid, train.classCount);
  const others = inputSize > 2 ? ", other features at their means" : "";
  return {
    xRange,
    yRange,
    gridWidth: gridSize,
    gridHeight: gridSize,
    scores: probabilities,
    points: [
      ...(await pointsOf(model, train, "train", x, y)),
      ...(train === test ? [] : await pointsOf(model, test, "test", x, y)),
    ],
    classNames,
    featureNames: [featureNames?.[x] ?? `feature ${x}`, featureNames?.[y] ?? `feature ${y}`],
    title: `Decision boundary${others}`,
  };
}

async function pointsOf(
  model: TrainedModel,
  set: Dataset,
  split: "train" | "test",
  x: number,
  y: number,
): Promise<DecisionBoundaryData["points"]> {
  const { values } = await predictRows(model, set.inputs, set.classCount);
  const xs = column(set, x);
  const ys = column(set, y);
  return Array.from(set.labels, (label, i) => ({
    x: xs[i],
    y: ys[i],
    class: label,
    split,
    predicted: values[i],
  }));
}

function column(set: Dataset, j: number): Float64Array {
  return Float64Array.from({ length: set.length }, (_, i) => set.inputs[i * set.inputSize + j]);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

function rangeOf(parts: readonly Dataset[], j: number): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of parts.flatMap((part) => Array.from(column(part, j)))) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const reach = (high - low || 1) * margin;
  return [low - reach, high + reach];
}

function at([low, high]: readonly [number, number], i: number): number {
  return low + ((high - low) * i) / (gridSize - 1);
}
