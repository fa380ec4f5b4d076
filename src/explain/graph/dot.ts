/** Graph pictures in Graphviz's language. */

import { describeValue, type GraphPicture, type PictureNode } from "./picture.ts";
import { flowColours } from "./svg.ts";

const quoted = (text: string) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

const shapes: Readonly<Record<PictureNode["role"], string>> = {
  input: "ellipse",
  parameter: "ellipse",
  constant: "plaintext",
  operation: "box",
  layer: "box",
  output: "doubleoctagon",
};

/** The picture as a DOT file: values red, gradients blue. */
export function pictureDot({ title, nodes, edges }: GraphPicture): string {
  const { value: red, gradient: blue } = flowColours.light;
  const nodeLines = nodes.map(({ id, label, detail, role }) => {
    const text = detail ? `${label}\n${detail}` : label;
    return `  ${id} [label=${quoted(text).replaceAll("\n", "\\n")}, shape=${shapes[role]}];`;
  });
  const edgeLines = edges.map(({ from, to, value, gradient }) => {
    const rows = [
      ...(value ? [`<font color="${red}">${describeValue(value)}</font>`] : []),
      ...(gradient ? [`<font color="${blue}">${describeValue(gradient)}</font>`] : []),
    ];
    return `  ${from} -> ${to}${rows.length > 0 ? ` [label=<${rows.join("<br/>")}>]` : ""};`;
  });
  return `digraph ${quoted(title)} {\n  rankdir=LR;\n${[...nodeLines, ...edgeLines].join("\n")}\n}\n`;
}
