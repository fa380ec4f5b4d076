/** Finds what a reader of a drawing would trip over. */

import type { GraphDrawing } from "./drawGraph.ts";
import { layoutInput } from "./svg.ts";

/** Counts pairs of boxes (nodes and labels) that overlap, and edges that run through a box not their own. */
export function faultsOf({ picture, layout }: GraphDrawing): number {
  const { nodes, edges } = layoutInput(picture);
  const boxes = [
    ...nodes.map(({ id, width, height }, i) => ({
      ...layout.nodes[i],
      width,
      height,
      id,
      edge: -1,
    })),
    ...edges.map(({ width, height }, i) => ({
      ...layout.edges[i].label,
      width,
      height,
      id: "",
      edge: i,
    })),
  ];
  let faults = 0;
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(0, i)) {
      const x = Math.abs(a.x - b.x) < (a.width + b.width) / 2 - 0.5;
      const y = Math.abs(a.y - b.y) < (a.height + b.height) / 2 - 0.5;
      if (x && y) faults++;
    }
  });
  layout.edges.forEach(({ points }, i) => {
    points.slice(1).forEach((q, k) => {
      const p = points[k];
      for (const box of boxes) {
        if (box.edge === i || box.id === edges[i].from || box.id === edges[i].to) continue;
        for (let t = 0; t <= 1; t += 0.05) {
          const inX = Math.abs(p.x + t * (q.x - p.x) - box.x) < box.width / 2 - 1;
          const inY = Math.abs(p.y + t * (q.y - p.y) - box.y) < box.height / 2 - 1;
          if (inX && inY) {
            faults++;
            break;
          }
        }
      }
    });
  });
  return faults;
}
