/** A training process that saves its state all the time and goes on from what it finds: killed at will. */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blobs } from "../../src/data/index.ts";
import { layers, network } from "../../src/nn/index.ts";
import { encodeWeights } from "../../src/nn/saving.ts";
import { optimizers } from "../../src/optim/index.ts";
import { loadCheckpoint, saveCheckpoint } from "../../src/train/index.node.ts";
import { train } from "../../src/train/index.ts";

/** @param folder holds the checkpoint, and in the end the weights and the history */
export async function runIn(folder: string, { pause = 0 } = {}): Promise<void> {
  const path = join(folder, "state.safetensors");
  const net = network({
    input: [2],
    layers: [
      layers.linear(64),
      layers.batchNorm(),
      layers.relu(),
      layers.dropout(0.2),
      layers.linear(3),
    ],
    seed: 7,
  });
  const { train: fit, test } = blobs({ points: 900, noise: 2, seed: 1 }).split({
    test: 0.3,
    seed: 1,
  });
  const history = await train(net, fit, {
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    learningRate: ({ step, totalSteps, base }) => base * (1 - step / totalSteps),
    epochs: 40,
    batchSize: 16,
    validation: test,
    earlyStopping: { patience: 1000 },
    ...(existsSync(path) && { resume: await loadCheckpoint(path) }),
    checkpoint: {
      every: { minutes: 0 },
      save: async (state) => {
        await saveCheckpoint(path, state);
        // Spreads the run over the time in which it can be killed.
        await new Promise((resolve) => setTimeout(resolve, pause));
      },
    },
  });
  const records = history.epochs.map(({ seconds: _, ...record }) => record);
  writeFileSync(join(folder, "history.json"), JSON.stringify(records));
  writeFileSync(join(folder, "weights.safetensors"), encodeWeights(net));
}

if (import.meta.main) await runIn(process.argv[2], { pause: 10 });
