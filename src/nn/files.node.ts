/** Networks on disk: a folder with `network.json` and `weights.safetensors`. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FileError } from "../util/index.ts";
import { decodeWeights, describeNetwork, encodeWeights, networkFrom } from "./description.ts";
import type { LayerKind } from "./layers/kinds.ts";
import type { Network } from "./network.ts";

/** Writes a network into `folder`, which is made if needed.
 * @throws FileError when it cannot be written; UsageError when a layer holds what JSON cannot */
export async function saveNetwork(net: Network, folder: string): Promise<void> {
  const description = `${JSON.stringify(describeNetwork(net), null, 2)}\n`;
  const weights = encodeWeights(net);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "network.json"), description);
    await writeFile(join(folder, "weights.safetensors"), weights);
  } catch (cause) {
    throw new FileError(`Cannot save the network to ${folder}: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

/** Reads a network from `folder`.
 * @param options.layers factories of layers that are not built in
 * @throws FileError when a file is missing, broken or of another network */
export async function loadNetwork(
  folder: string,
  { layers = [] }: { readonly layers?: readonly LayerKind[] } = {},
): Promise<Network> {
  const net = networkFrom(await readJson(join(folder, "network.json")), layers, folder);
  await loadWeights(net, join(folder, "weights.safetensors"));
  return net;
}

/** Sets a network's parameters from a safetensors file. @throws FileError */
export async function loadWeights(net: Network, path: string): Promise<void> {
  decodeWeights(net, await read(path), path);
}

async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await read(path));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FileError(`${path}: not valid JSON: ${(cause as Error).message}.`, { cause });
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FileError(`Cannot read ${path}: ${(cause as Error).message}.`, { cause });
  }
}
