/** Graph pictures in Graphviz's language. */

import { describeValue, type GraphPicture, type PictureNode } from "./picture.ts";
import { flowColours, showsNumbers } from "./svg.ts";

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
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
export function pictureDot(picture: GraphPicture): string {
  const { title, nodes, edges } = picture;
  const { value: red, gradient: blue } = flowColours.light;
  const numbers = ({ value, gradient }: Pick<PictureNode, "value" | "gradient">) => [
    ...(value ? [`<font color="${red}">${describeValue(value)}</font>`] : []),
    ...(gradient ? [`<font color="${blue}">${describeValue(gradient)}</font>`] : []),
  ];
  const withNumbers = showsNumbers(picture);
  const nodeLines = nodes.map((node, i) => {
    const rows = [
      escaped(node.label),
      ...(node.detail ? [escaped(node.detail)] : []),
      ...(withNumbers[i] ? numbers(node) : []),
    ];
    return `  ${node.id} [label=<${rows.join("<br/>")}>, shape=${shapes[node.role]}];`;
  });
  const edgeLines = edges.map((edge) => {
    const rows = numbers(edge);
    return `  ${edge.from} -> ${edge.to}${rows.length > 0 ? ` [label=<${rows.join("<br/>")}>]` : ""};`;
  });
  return `digraph ${quoted(title)} {\n  rankdir=LR;\n${[...nodeLines, ...edgeLines].join("\n")}\n}\n`;
}
