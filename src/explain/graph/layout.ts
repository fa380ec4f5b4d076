/** Where boxes, edges and labels go: layered from left to right, without overlaps.
 *
 * Labels take part in the layout as boxes of their own, so nothing is drawn over them. */

export interface LayoutNode {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface LayoutEdge {
  readonly from: string;
  readonly to: string;
  /** Size of its label, 0 for none. */
  readonly width: number;
  readonly height: number;
}

export interface LayoutInput {
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly LayoutEdge[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Centres, in the order of the input. */
  readonly nodes: readonly Point[];
  readonly edges: readonly { readonly points: readonly Point[]; readonly label: Point }[];
}

/** Lays out on the calling thread. The library loads at the first call. */
export async function layoutHere(input: LayoutInput): Promise<Layout> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: "LR",
    nodesep: 14,
    edgesep: 12,
    ranksep: 52,
    marginx: 12,
    marginy: 12,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of input.nodes) graph.setNode(id, { width, height });
  input.edges.forEach(({ from, to, width, height }, i) => {
    graph.setEdge(from, to, { width, height, labelpos: "c", minlen: 1 }, String(i));
  });
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  const nodes = input.nodes.map(({ id }): Point => {
    const { x, y } = graph.node(id) as Point;
    return { x, y };
  });
  const rough = input.edges.map(({ from, to }, i): RoughEdge => {
    const { points, x, y } = graph.edge(from, to, String(i)) as unknown as RoughEdge & Point;
    return { points, label: { x, y } };
  });
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    nodes,
    edges: route(input, nodes, rough),
  };
}

interface RoughEdge {
  readonly points: readonly Point[];
  readonly label: Point;
}

/** Leads edges through columns on the level, so that slopes lie only in the gaps between columns, where
 * there are no boxes and no labels: an edge crosses neither. */
function route(
  { nodes, edges }: LayoutInput,
  places: readonly Point[],
  rough: readonly RoughEdge[],
): RoughEdge[] {
  const columns = new Map<number, number>();
  const widen = (x: number, width: number) => {
    const column = Math.round(x);
    columns.set(column, Math.max(columns.get(column) ?? 0, width / 2));
  };
  nodes.forEach(({ width }, i) => {
    widen(places[i].x, width);
  });
  edges.forEach(({ width }, i) => {
    if (width > 0) widen(rough[i].label.x, width);
  });
  const half = (x: number) => columns.get(Math.round(x)) ?? 0;
  const index = new Map(nodes.map(({ id }, i) => [id, i]));
  const ports = portsOf({ nodes, edges }, index, rough);
  return rough.map(({ points, label }, i) => {
    const { from, to } = edges[i];
    const [source, target] = [index.get(from)!, index.get(to)!];
    const [start, end] = [places[source], places[target]];
    const startY = start.y + ports[i].start;
    const endY = end.y + ports[i].end;
    const between = points.slice(1, -1).flatMap(({ x, y }) => [
      { x: x - half(x), y },
      { x: x + half(x), y },
    ]);
    return {
      label,
      points: [
        { x: start.x + nodes[source].width / 2, y: startY },
        { x: start.x + half(start.x), y: startY },
        ...between,
        { x: end.x - half(end.x), y: endY },
        { x: end.x - nodes[target].width / 2, y: endY },
      ],
    };
  });
}

/** Where along a box's sides its edges end: spread, in the order in which they come. */
function portsOf(
  { nodes, edges }: LayoutInput,
  index: ReadonlyMap<string, number>,
  rough: readonly RoughEdge[],
): { start: number; end: number }[] {
  const ports = edges.map(() => ({ start: 0, end: 0 }));
  const spread = (side: "start" | "end", nodeOf: (edge: LayoutEdge) => string) => {
    const groups = new Map<string, number[]>();
    edges.forEach((edge, i) => {
      const list = groups.get(nodeOf(edge)) ?? [];
      groups.set(nodeOf(edge), [...list, i]);
    });
    for (const [id, list] of groups) {
      const near = (i: number) => rough[i].points.at(side === "start" ? 1 : -2)!.y;
      list.sort((a, b) => near(a) - near(b));
      const { height } = nodes[index.get(id)!];
      const gap = Math.min(9, height / (list.length + 1));
      list.forEach((edge, place) => {
        ports[edge][side] = (place - (list.length - 1) / 2) * gap;
      });
    }
  };
  spread("start", ({ from }) => from);
  spread("end", ({ to }) => to);
  return ports;
}

/** Lays out in a worker where there are workers (browsers), so that a page never waits; elsewhere here. */
export function layoutGraph(input: LayoutInput): Promise<Layout> {
  if (typeof Worker !== "function") return layoutHere(input);
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./layoutWorker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Layout>) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = (event) => {
      worker.terminate();
      reject(new Error(`drawGraph: the layout worker failed: ${event.message}`));
    };
    worker.postMessage(input);
  });
}
