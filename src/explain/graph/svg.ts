/** Graph pictures as SVG, light and dark. */

import { escapeMarkup, fontFamily, paletteOf, type Theme } from "../../figures/index.ts";
import { type Layout, type LayoutInput, layoutGraph, type Point } from "./layout.ts";
import {
  describeValue,
  type GraphPicture,
  type PictureEdge,
  type PictureNode,
  type PictureValue,
} from "./picture.ts";
import { textWidth } from "./textWidth.ts";

const fontSize = 12;
const small = 10;
const cell = 4;
const line = 13;

/** Forward values are red, gradients blue, in tones that both themes can carry. */
export const flowColours: Readonly<
  Record<Theme, { readonly value: string; readonly gradient: string }>
> = {
  light: { value: "#b3123f", gradient: "#0b5394" },
  dark: { value: "#ff7a93", gradient: "#6ab0f3" },
};

/** Where everything goes; the same for both themes. */
export function arrange(picture: GraphPicture): Promise<Layout> {
  return layoutGraph(layoutInput(picture));
}

/** Sizes of boxes and labels. */
export function layoutInput(picture: GraphPicture): LayoutInput {
  const withNumbers = showsNumbers(picture);
  return {
    nodes: picture.nodes.map((node, i) => ({ id: node.id, ...nodeSize(node, withNumbers[i]) })),
    edges: picture.edges.map((edge) => ({ from: edge.from, to: edge.to, ...labelSize(edge) })),
  };
}

function heatSize({ heat }: PictureValue): { width: number; height: number } {
  return heat ? { width: heat.columns * cell, height: heat.rows * cell } : { width: 0, height: 0 };
}

/** Which boxes hold their own numbers: those that no edge shows, as of the result, and those of numbers
 * with several uses, where each edge shows only its part of the gradient. */
export function showsNumbers({ nodes, edges }: GraphPicture): boolean[] {
  const uses = new Map<string, number>();
  for (const { from } of edges) uses.set(from, (uses.get(from) ?? 0) + 1);
  return nodes.map(({ id, value, gradient }) => {
    const count = uses.get(id) ?? 0;
    return count === 0 || (count > 1 && (value ?? gradient)?.value !== undefined);
  });
}

function numbersOf({ value, gradient }: PictureNode, shown: boolean) {
  if (!shown) return [];
  return [
    ...(value ? [{ text: describeValue(value), kind: "value" as const }] : []),
    ...(gradient ? [{ text: describeValue(gradient), kind: "gradient" as const }] : []),
  ];
}

function nodeSize(node: PictureNode, hasNumbers: boolean): { width: number; height: number } {
  const heats = heatsOf(node).map(heatSize);
  const heatWidth = heats.reduce((sum, { width }) => sum + width, 0) + 6 * (heats.length - 1);
  const heatHeight = heats.reduce((most, { height }) => Math.max(most, height), 0);
  const numbers = numbersOf(node, hasNumbers);
  const width = Math.max(
    textWidth(node.label, fontSize, true),
    node.detail ? textWidth(node.detail, small) : 0,
    ...numbers.map(({ text }) => textWidth(text, small)),
    heatWidth,
    12,
  );
  const lines = (node.detail ? 1 : 0) + numbers.length;
  return {
    width: width + 16,
    height: 10 + fontSize + lines * line + (heatHeight > 0 ? heatHeight + 5 : 0),
  };
}

/** The heat maps in a box: of its value and of its gradient. */
function heatsOf({ value, gradient }: PictureNode): PictureValue[] {
  return [value, gradient].flatMap((shown) => (shown?.heat ? [shown] : []));
}

function labelSize({ value, gradient }: PictureEdge): { width: number; height: number } {
  const texts = [value, gradient].flatMap((shown) => (shown ? [describeValue(shown)] : []));
  if (texts.length === 0) return { width: 10, height: 4 };
  const width = Math.max(...texts.map((text) => textWidth(text, small)));
  // The line runs between the two, so there is room for both even if one is missing.
  return { width: width + 8, height: 2 * line + 4 };
}

const round = (x: number) => Math.round(x * 10) / 10;

/** The picture as one SVG element. */
export function pictureSvg(picture: GraphPicture, layout: Layout, theme: Theme = "light"): string {
  const { surface, ink, muted, grid } = paletteOf(theme);
  const colours = flowColours[theme];
  const fills: Readonly<Record<PictureNode["role"], string>> = {
    input: theme === "light" ? "#e8f1fa" : "#1c2f42",
    parameter: theme === "light" ? "#f0eafa" : "#2d2440",
    constant: "none",
    operation: theme === "light" ? "#f5f6f8" : "#1e242b",
    layer: theme === "light" ? "#f5f6f8" : "#1e242b",
    output: theme === "light" ? "#fdf1e4" : "#3a2a18",
  };
  const edges = picture.edges.map((edge, i) => {
    const { points, label } = layout.edges[i];
    const text = (shown: PictureValue | undefined, y: number, fill: string) =>
      shown
        ? `<text x="${round(label.x)}" y="${round(y)}" fill="${fill}" text-anchor="middle" font-size="${small}">${escapeMarkup(describeValue(shown))}</text>`
        : "";
    return (
      `<g data-edge="${edge.from} ${edge.to}"><path d="${pathOf(points)}" fill="none" stroke="${muted}" stroke-width="1.1" marker-end="url(#arrow-${theme})"/>` +
      text(edge.value, label.y - 4, colours.value) +
      text(edge.gradient, label.y + small + 2, colours.gradient) +
      "</g>"
    );
  });
  const withNumbers = showsNumbers(picture);
  const nodes = picture.nodes.map((node, i) => {
    const { width, height } = nodeSize(node, withNumbers[i]);
    const { x, y } = layout.nodes[i];
    const [left, top] = [x - width / 2, y - height / 2];
    const isRound = node.role === "input" || node.role === "parameter";
    const stroke = node.role === "constant" ? "none" : node.role === "output" ? ink : grid;
    const parts = [
      `<rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="${isRound ? 11 : 4}" fill="${fills[node.role]}" stroke="${stroke}"/>`,
      `<text x="${round(x)}" y="${round(top + 5 + fontSize * 0.85)}" text-anchor="middle" font-size="${fontSize}" font-weight="600" fill="${node.role === "constant" ? muted : ink}">${escapeMarkup(node.label)}</text>`,
    ];
    let next = top + 5 + fontSize + 2;
    if (node.detail) {
      parts.push(
        `<text x="${round(x)}" y="${round(next + small * 0.8)}" text-anchor="middle" font-size="${small}" fill="${muted}">${escapeMarkup(node.detail)}</text>`,
      );
      next += line;
    }
    for (const { text, kind } of numbersOf(node, withNumbers[i])) {
      parts.push(
        `<text x="${round(x)}" y="${round(next + small * 0.8)}" text-anchor="middle" font-size="${small}" fill="${colours[kind]}">${escapeMarkup(text)}</text>`,
      );
      next += line;
    }
    const heats = heatsOf(node);
    const total =
      heats.reduce((sum, shown) => sum + heatSize(shown).width, 0) + 6 * (heats.length - 1);
    let from = x - total / 2;
    for (const shown of heats) {
      parts.push(heatSvg(shown, from, next + 2, theme));
      from += heatSize(shown).width + 6;
    }
    return `<g data-node="${node.id}"${node.term ? ` data-term="${escapeMarkup(node.term)}"` : ""}><title>${escapeMarkup(titleOf(node))}</title>${parts.join("")}</g>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" font-family="${fontFamily}" width="${round(layout.width)}" height="${round(layout.height)}" viewBox="0 0 ${round(layout.width)} ${round(layout.height)}" aria-label="${escapeMarkup(picture.title)}">` +
    `<title>${escapeMarkup(picture.title)}</title>` +
    `<defs><marker id="arrow-${theme}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 1 8 4 0 7z" fill="${muted}"/></marker></defs>` +
    `<rect width="100%" height="100%" fill="${surface}"/>${edges.join("")}${nodes.join("")}</svg>`
  );
}

function titleOf({ label, detail, group, value, gradient }: PictureNode): string {
  const parts = [detail ? `${label} ${detail}` : label];
  if (group) parts.push(group);
  if (value) parts.push(`value ${describeValue(value)}`);
  if (gradient) parts.push(`gradient ${describeValue(gradient)}`);
  return parts.join("; ");
}

/** Straight pieces with rounded corners: they stay where the layout left room for them. */
function pathOf(points: readonly Point[]): string {
  const [start, ...rest] = points;
  let path = `M${round(start.x)} ${round(start.y)}`;
  rest.forEach((point, i) => {
    const next = rest[i + 1];
    if (next === undefined) {
      path += `L${round(point.x)} ${round(point.y)}`;
      return;
    }
    const before = i === 0 ? start : rest[i - 1];
    const a = towards(point, before, 6);
    const b = towards(point, next, 6);
    path += `L${round(a.x)} ${round(a.y)}Q${round(point.x)} ${round(point.y)} ${round(b.x)} ${round(b.y)}`;
  });
  return path;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(0.5, distance / length);
  return { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
}

/** Cells from blue (negative) over the paper's colour to red (positive). */
function heatSvg({ heat, range }: PictureValue, x: number, y: number, theme: Theme): string {
  if (!heat || !range) return "";
  const most = Math.max(Math.abs(range[0]), Math.abs(range[1])) || 1;
  const { value, gradient } = flowColours[theme];
  const cells = heat.cells.map((v, i) => {
    const strength = Math.min(1, Math.abs(v) / most);
    const fill = v >= 0 ? value : gradient;
    const [row, column] = [Math.floor(i / heat.columns), i % heat.columns];
    return `<rect x="${round(x + column * cell)}" y="${round(y + row * cell)}" width="${cell}" height="${cell}" fill="${fill}" fill-opacity="${Number.isFinite(strength) ? Math.round(strength * 100) / 100 : 0}"/>`;
  });
  const { grid } = paletteOf(theme);
  return `${cells.join("")}<rect x="${round(x)}" y="${round(y)}" width="${heat.columns * cell}" height="${heat.rows * cell}" fill="none" stroke="${grid}" stroke-width="0.6"/>`;
}
