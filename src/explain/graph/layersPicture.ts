/** Pictures of networks, one box for each layer or call. */

import { evaluate } from "../../backend/reference/index.ts";
import {
  build,
  type InputNode,
  type Node,
  type Shape,
  sizeOf,
  type TensorData,
} from "../../ir/index.ts";
import type { ExplainedNetwork } from "../model.ts";
import { type ReverseMode, reverseMode } from "../reverse.ts";
import { layerOfNodes, type TracedLayer, type TracedNetwork, traceForward } from "../trace.ts";
import { type Language, words } from "../words.ts";
import { type GraphPicture, type PictureEdge, type PictureNode, pictureValue } from "./picture.ts";

interface Shown {
  readonly values?: boolean;
  readonly gradients?: boolean;
  readonly title?: string;
  readonly language?: Language;
}

/** One box a layer, with what it gives and the gradient that comes back to it. */
export function layersPicture(
  traced: TracedNetwork,
  bindings: ReadonlyMap<InputNode, TensorData>,
  { values = true, gradients = true, title = "Network", language = "en" }: Shown,
): GraphPicture {
  const reverse = reverseMode(traced.loss);
  const owner = layerOfNodes(traced);
  const outputs = new Map<string, Node>([
    ["x", traced.x],
    ...traced.layers.map(({ path, output }) => [path, output] as const),
    ["loss", traced.loss],
  ]);
  const links = linksOf(traced.layers, traced.last);
  const uses = (path: string) => links.filter(({ from }) => from === path).length;
  const parts = links.map(({ from, to }) => {
    const node = outputs.get(from)!;
    // With one use, all of the gradient comes back on that edge.
    return (
      (uses(from) > 1 ? partThrough(node, to, owner, reverse) : undefined) ??
      reverse.totals.get(node)
    );
  });
  const wanted = new Set<Node>([
    ...outputs.values(),
    ...parts.flatMap((part) => part ?? []),
    ...[...outputs.values()].flatMap((node) => reverse.totals.get(node) ?? []),
  ]);
  const numbers = new Map<Node, TensorData>();
  evaluate([...wanted], new Map(bindings)).forEach((data, i) => {
    numbers.set([...wanted][i], data);
  });
  const shownAt = (node: Node, part: Node | undefined) => ({
    ...(values && { value: pictureValue(node.shape, numbers.get(node)!) }),
    ...(gradients && part && { gradient: pictureValue(node.shape, numbers.get(part)!) }),
  });
  const own = (path: string) => {
    const node = outputs.get(path)!;
    return shownAt(node, reverse.totals.get(node));
  };
  const counts = (path: string) =>
    [...traced.parameters]
      .filter(([name]) => name.startsWith(`${path}.`))
      .reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  const nodes: PictureNode[] = [
    { id: "x", label: "x", role: "input", term: "x", ...own("x") },
    ...traced.layers.map((layer): PictureNode => {
      const count = counts(layer.path);
      const detail =
        layer.sharedWith !== undefined
          ? words(`parameters of ${layer.sharedWith}`, `与 ${layer.sharedWith} 共享参数`)
          : words(`${count} parameters`, `${count} 个参数`);
      return {
        ...boxOf(layer),
        ...((count > 0 || layer.sharedWith !== undefined) && { detail: detail[language] }),
        group: layer.path,
        term: `${layer.path}.weight`,
        ...own(layer.path),
      };
    }),
    { id: "loss", label: "C", role: "output", term: "C", ...own("loss") },
  ];
  const edges = links.map(
    ({ from, to }, i): PictureEdge => ({
      from: idOf(from),
      to: idOf(to),
      ...shownAt(outputs.get(from)!, parts[i]),
    }),
  );
  return { title, nodes, edges };
}

const idOf = (path: string) =>
  path === "x" || path === "loss" ? path : `l${path.replace(/\W/g, "_")}`;

const boxOf = ({ path, kind }: TracedLayer): Pick<PictureNode, "id" | "label" | "role"> => ({
  id: idOf(path),
  label: kind,
  role: "layer",
});

/** Which box leads to which; one line for each pair. */
function linksOf(layers: readonly TracedLayer[], last: string) {
  const links = layers.flatMap(({ path, from }) =>
    [...new Set(from)].map((source) => ({ from: source, to: path })),
  );
  return [...links, { from: last, to: "loss" }];
}

/** The part of ∂C/∂node that comes back through the nodes of one layer. */
function partThrough(
  node: Node,
  layer: string,
  owner: ReadonlyMap<Node, string>,
  { edges }: ReverseMode,
): Node | undefined {
  const parts = [...edges].flatMap(([user, list]) =>
    owner.get(user) === layer ? list.filter((_, i) => user.inputs[i] === node) : [],
  );
  const known = parts.flatMap((part) => part ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, part) => build.add(sum, part));
}

/** Layers without numbers, where no sample is given: by their kinds and the shapes of their results. */
export function plainLayersPicture(
  network: Pick<ExplainedNetwork, "input" | "layers">,
  { title = "Network" }: Shown,
): GraphPicture {
  const { layers, last } = traceForward(network, 1, false);
  const sizes = (shape: Shape) => `[${shape.slice(1).join("×")}]`;
  const nodes: PictureNode[] = [
    { id: "x", label: "x", detail: sizes([1, ...network.input]), role: "input" },
    ...layers.map(
      (layer): PictureNode => ({
        ...boxOf(layer),
        detail: sizes(layer.output.shape),
        ...(layer.path === last && { role: "output" }),
      }),
    ),
  ];
  const edges = linksOf(layers, last)
    .slice(0, -1)
    .map(({ from, to }) => ({ from: idOf(from), to: idOf(to) }));
  return { title, nodes, edges };
}
