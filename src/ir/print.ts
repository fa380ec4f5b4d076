/** Graphs as text: for people (printGraph) and as an exact key for caches (structuralKey). */

import type { TensorData } from "./dtype.ts";
import { topologicalOrder } from "./graph.ts";
import type { InputNode, Node } from "./node.ts";
import { formatShape } from "./shape.ts";

/** One line a node: `%3 = add(%1, %2) float32[120, 3]`. */
export function printGraph(outputs: readonly Node[]): string {
  const names = new Map<Node, string>();
  const lines = topologicalOrder(outputs).map((node, i) => {
    names.set(node, `%${i}`);
    const operands = node.inputs.map((operand) => names.get(operand)!).join(", ");
    const attributes = printAttributes(node);
    return (
      `%${i} = ${node.op}(${operands})${attributes && ` {${attributes}}`} ` +
      `${node.dtype}${formatShape(node.shape)}`
    );
  });
  return `${lines.join("\n")}\nreturn ${outputs.map((node) => names.get(node)!).join(", ")}`;
}

function printAttributes(node: Node): string {
  return Object.entries(node.attributes)
    .filter(([name]) => name !== "shape" && name !== "dtype")
    .map(([name, value]) => `${name}: ${printValue(value)}`)
    .join(", ");
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) return formatShape(value);
  if (ArrayBuffer.isView(value)) {
    const data = value as TensorData;
    const shown = Array.from(data.subarray(0, 4), (x) => String(Number(x.toPrecision(6))));
    return data.length === 1 ? shown[0] : `[${shown.join(", ")}${data.length > 4 ? ", …" : ""}]`;
  }
  return String(value);
}

/** A text that two graphs share exactly when they compute the same thing in the same way.
 * Inputs count by `inputName`, not by identity; constants by their bytes. */
export function structuralKey(
  outputs: readonly Node[],
  inputName: (node: InputNode) => string | number,
): string {
  const numbers = new Map<Node, number>();
  const lines: string[] = [];
  topologicalOrder(outputs).forEach((node, i) => {
    numbers.set(node, i);
    const operands = node.inputs.map((operand) => numbers.get(operand)!).join(",");
    const attributes =
      node.op === "input"
        ? `#${inputName(node)}:${node.dtype}[${node.shape}]`
        : attributesKey(node.attributes);
    lines.push(`${node.op}(${operands})${attributes}`);
  });
  return `${lines.join("\n")}\n${outputs.map((node) => numbers.get(node)!).join(",")}`;
}

/** A text that the attributes of two nodes share exactly when they are equal, to the last bit. */
export function attributesKey(attributes: Node["attributes"]): string {
  let key = "";
  for (const name in attributes) key += `${name}:${valueKey(attributes[name as never])};`;
  return key;
}

/** An attribute's value: a number, a list of whole numbers, a word, or elements. */
function valueKey(value: unknown): string {
  if (Array.isArray(value)) return `[${value}]`;
  if (ArrayBuffer.isView(value)) return bytesKey(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Their number, so that no bytes can look like what follows them, and the bytes. */
function bytesKey(view: ArrayBufferView): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let text = `${bytes.length}'`;
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
