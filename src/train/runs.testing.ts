/** Small data, networks and backends that the tests of training share. */

import type { Backend } from "../backend/index.ts";
import { referenceBackend } from "../backend/index.ts";
import { wasmBackend } from "../backend/wasm/index.ts";
import { blobs, Dataset } from "../data/index.ts";
import { layers, type Network, network } from "../nn/index.ts";
import type { TrainEvent } from "./events.ts";

/** One for all tests of a file, so that equal programs are compiled once. */
export const backends: readonly Backend[] = [referenceBackend(), wasmBackend()];

/** y = 2x − 1 with a disturbance, ten rows. */
export function line(): Dataset {
  const x = Float64Array.of(-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5);
  const disturbance = [0.1, -0.2, 0.05, 0, 0.3, -0.1, 0.2, -0.05, 0.15, -0.3];
  return new Dataset({
    name: "line",
    inputs: x,
    inputShape: [1],
    targets: x.map((value, i) => 2 * value - 1 + disturbance[i]),
  });
}

/** One linear unit in float64. */
export function unit(seed = 0): Network {
  return network({ input: [1], layers: [layers.linear(1)], dtype: "float64", seed });
}

/** Three overlapping clouds; sixty rows unless told. */
export function clouds(seed = 0, points = 60): Dataset {
  const centers = [
    [-1, 0],
    [1, 0],
    [0, 1.5],
  ];
  return blobs({ points, noise: 0.7, centers, seed });
}

/** Two layers for the clouds. */
export function classifier(seed = 0, dtype: "float32" | "float64" = "float32"): Network {
  return network({
    input: [2],
    layers: [layers.linear(8), layers.tanh(), layers.linear(3)],
    dtype,
    seed,
  });
}

/** Keeps the events of a run. */
export function recorder() {
  const events: TrainEvent[] = [];
  return {
    events,
    onEvent: (event: TrainEvent) => {
      events.push(event);
    },
    of: <Type extends TrainEvent["type"]>(type: Type) =>
      events.filter((event): event is Extract<TrainEvent, { type: Type }> => event.type === type),
  };
}
