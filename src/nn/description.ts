/** Networks as JSON: the description that lies beside a weights file. */

import type { FloatDType, Shape } from "../ir/index.ts";
import { FileError, UsageError } from "../util/index.ts";
import { isJoin, type Layer, type Part } from "./layer.ts";
import { builtInLayers, type LayerKind } from "./layers/kinds.ts";
import { type InitializerDefaults, type Network, network } from "./network.ts";
import { isPlainData } from "./plainData.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

/** A layer or a join as JSON. */
export interface LayerDescription {
  readonly kind: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly children?: readonly LayerDescription[];
}

/** A network as JSON. */
export interface NetworkDescription {
  readonly format: "chainrule-network";
  readonly version: 1;
  readonly input: Shape;
  readonly dtype: FloatDType;
  readonly seed: number;
  /** Default pytorch. */
  readonly defaults?: InitializerDefaults;
  readonly layers: readonly LayerDescription[];
}

/** The network as plain JSON data, without its weights.
 * @throws UsageError when a layer holds what JSON cannot, such as the function of a lambda */
export function describeNetwork(net: Network): NetworkDescription {
  return {
    format: "chainrule-network",
    version: 1,
    input: net.input,
    dtype: net.dtype,
    seed: net.seed,
    ...(net.defaults === "pytorch" ? {} : { defaults: net.defaults }),
    layers: net.layers.map(describeLayer),
  };
}

export function describeLayer({ kind, options, children }: Part): LayerDescription {
  const inexpressible = Object.entries(options).find(([, value]) => !isPlainData(value));
  if (inexpressible !== undefined) {
    throw new UsageError(
      `Layer "${kind}": its option "${inexpressible[0]}" is not JSON data, so that the network cannot ` +
        "be described or saved; give the layer a name by defineLayer or defineActivation.",
    );
  }
  return {
    kind,
    options,
    ...(children.length > 0 ? { children: children.map(describeLayer) } : {}),
  };
}

/** The network of a description, with freshly drawn parameters.
 * @param kinds factories of layers that are not built in
 * @throws FileError for a text that is not a description, or an unknown kind of layer */
export function networkFrom(
  description: unknown,
  kinds: readonly LayerKind[] = [],
  where = "network description",
): Network {
  const record = description as Partial<NetworkDescription> | null;
  const isDescription =
    record?.format === "chainrule-network" &&
    Array.isArray(record.input) &&
    Array.isArray(record.layers) &&
    (record.dtype === "float32" || record.dtype === "float64");
  if (!isDescription) {
    throw new FileError(
      `${where}: expected a JSON object with format "chainrule-network", input, dtype and layers.`,
    );
  }
  if (record.version !== 1) {
    throw new FileError(
      `${where}: expected version 1, got ${record.version}; a newer Chainrule wrote it.`,
    );
  }
  const { input, layers, seed, dtype, defaults } = description as NetworkDescription;
  return network({
    input,
    seed,
    dtype,
    defaults,
    layers: layers.map((layer) => layerFrom(layer, kinds, where)),
  });
}

/** The layer of a description. @throws FileError for an unknown kind. */
export function layerFrom(
  description: LayerDescription,
  kinds: readonly LayerKind[] = [],
  where = "layer description",
): Layer {
  const part = partFrom(description, kinds, where);
  if (!isJoin(part)) return part;
  throw new FileError(`${where}: "${part.kind}" takes several inputs; expected a layer of one.`);
}

/** The layer or join of a description. @throws FileError for an unknown kind. */
export function partFrom(
  { kind, options = {}, children = [] }: LayerDescription,
  kinds: readonly LayerKind[] = [],
  where = "layer description",
): Part {
  const factory = [...kinds, ...builtInLayers].find((candidate) => candidate.kind === kind);
  if (factory === undefined) {
    const known = builtInLayers.map((layer) => layer.kind).join(", ");
    throw new FileError(
      `${where}: unknown kind of layer "${kind}"; built in are ${known}. ` +
        "Pass the factory of a layer of your own as { layers: [factory] }.",
    );
  }
  return factory(
    options as never,
    children.map((child) => partFrom(child, kinds, where)),
  );
}

/** The parameters as the bytes of a safetensors file. */
export function encodeWeights(net: Network): Uint8Array {
  const tensors = new Map(
    [...net.weights].map(([path, data]) => [
      path,
      { dtype: net.dtype, shape: net.specs.get(path)!.shape, data },
    ]),
  );
  return encodeSafetensors({ tensors, metadata: { format: "chainrule" } });
}

/** Sets the parameters from the bytes of a safetensors file.
 * @throws FileError when the file is broken or holds the parameters of another network */
export function decodeWeights(net: Network, bytes: Uint8Array, where = "weights"): void {
  const { tensors } = decodeSafetensors(bytes, where);
  const problems: string[] = [];
  for (const [path, { shape }] of net.specs) {
    const stored = tensors.get(path);
    if (stored === undefined) problems.push(`"${path}" is missing`);
    else if (stored.shape.join() !== shape.join()) {
      problems.push(
        `"${path}" has shape [${stored.shape.join(", ")}], expected [${shape.join(", ")}]`,
      );
    }
  }
  for (const path of tensors.keys()) {
    if (!net.specs.has(path)) problems.push(`"${path}" is not a parameter of the network`);
  }
  if (problems.length > 0) {
    throw new FileError(`${where}: the weights are of another network: ${problems.join("; ")}.`);
  }
  net.setWeights(new Map([...tensors].map(([path, { data }]) => [path, data])));
}
