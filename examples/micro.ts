/**
 * The whole idea of Chainrule in one file without imports: a graph, the chain rule applied to it,
 * and a network that learns xor. Run it: `node examples/micro.ts`.
 */

// 1. A graph is made of immutable nodes. A node knows its op and its inputs, not its value.

type Op = "input" | "constant" | "add" | "mul" | "tanh";

export type Node = { readonly op: Op; readonly inputs: readonly Node[]; readonly constant: number };

const node = (op: Op, inputs: readonly Node[] = [], constant = 0): Node => ({
  op,
  inputs,
  constant,
});

export const input = () => node("input");
export const constant = (value: number) => node("constant", [], value);
export const add = (a: Node, b: Node) => node("add", [a, b]);
export const mul = (a: Node, b: Node) => node("mul", [a, b]);
export const tanh = (a: Node) => node("tanh", [a]);
export const sub = (a: Node, b: Node) => add(a, mul(constant(-1), b));
export const square = (a: Node) => mul(a, a);

// 2. An interpretation is a table: one row says what an op means, and nothing else has to change.

const forward: Record<Op, (x: readonly number[], node: Node) => number> = {
  input: () => {
    throw new Error(
      "expected a value for every input, got none for one of them; add it to `given`",
    );
  },
  constant: (_, node) => node.constant,
  add: ([a, b]) => a + b,
  mul: ([a, b]) => a * b,
  tanh: ([a]) => Math.tanh(a),
};

// 3. The chain rule is one more table. With g = ∂loss/∂node, a row answers ∂loss/∂input for each
//    input, as nodes: so a gradient is a graph, and has a gradient itself.

const backward: Record<Op, (node: Node, g: Node) => readonly Node[]> = {
  input: () => [],
  constant: () => [],
  add: (_, g) => [g, g],
  mul: ({ inputs: [a, b] }, g) => [mul(g, b), mul(g, a)],
  tanh: (y, g) => [mul(g, sub(constant(1), square(y)))], // tanh′(x) = 1 − tanh²(x)
};

/** All that the roots depend on, every node after its inputs. */
function inOrder(roots: readonly Node[]): Node[] {
  const done = new Set<Node>();
  const visit = (node: Node) => {
    if (done.has(node)) return;
    node.inputs.forEach(visit);
    done.add(node);
  };
  roots.forEach(visit);
  return [...done];
}

/** The numbers that the roots stand for, given a number for each input. */
export function evaluate(roots: readonly Node[], given: ReadonlyMap<Node, number>): number[] {
  const values = new Map(given);
  for (const node of inOrder(roots)) {
    if (values.has(node)) continue;
    const x = node.inputs.map((each) => values.get(each)!);
    values.set(node, forward[node.op](x, node));
  }
  return roots.map((root) => values.get(root)!);
}

/** The graphs of ∂output/∂variable: from the output back to the inputs, summed where paths meet. */
export function gradient(output: Node, variables: readonly Node[]): Node[] {
  const sums = new Map([[output, constant(1)]]);
  for (const node of inOrder([output]).reverse()) {
    backward[node.op](node, sums.get(node)!).forEach((part, i) => {
      const sum = sums.get(node.inputs[i]);
      sums.set(node.inputs[i], sum ? add(sum, part) : part);
    });
  }
  return variables.map((variable) => sums.get(variable) ?? constant(0));
}

// 4. A layer is composition: unit k answers tanh(b[k] + Σᵢ W[k, i] · x[i]).

function layer(inputs: number, units: number) {
  const rows = Array.from({ length: units }, () => Array.from({ length: inputs + 1 }, input));
  const apply = (x: readonly Node[]) =>
    rows.map(([b, ...w]) => tanh(w.reduce((sum, wi, i) => add(sum, mul(wi, x[i])), b)));
  return { parameters: rows.flat(), apply };
}

export const xor = [
  { x: [-1, -1], target: -1 },
  { x: [-1, 1], target: 1 },
  { x: [1, -1], target: 1 },
  { x: [1, 1], target: -1 },
];

/** Trains a 2-3-1 network on xor by gradient descent, and returns its losses and its answers. */
export function learnXor({ steps = 100, learningRate = 0.5 } = {}) {
  const [hidden, output] = [layer(2, 3), layer(3, 1)];
  const parameters = [...hidden.parameters, ...output.parameters];
  const answers = xor.map(({ x }) => output.apply(hidden.apply(x.map(constant)))[0]);
  const errors = answers.map((answer, i) => square(sub(answer, constant(xor[i].target))));
  const loss = mul(constant(1 / xor.length), errors.reduce(add));

  // The graph is built and differentiated once; a step evaluates it and walks downhill.
  const step = [loss, ...gradient(loss, parameters)];
  const weights = new Map(parameters.map((parameter, i) => [parameter, Math.cos(i)]));
  const losses: number[] = [];
  for (let k = 0; k < steps; k++) {
    const [value, ...slopes] = evaluate(step, weights);
    losses.push(value);
    parameters.forEach((parameter, i) => {
      weights.set(parameter, weights.get(parameter)! - learningRate * slopes[i]);
    });
  }
  return { losses, answers: evaluate(answers, weights) };
}

if (import.meta.main) {
  const { losses, answers } = learnXor();
  losses.forEach((loss, step) => {
    if (step % 10 === 0) console.log(`step ${step}  loss ${loss.toFixed(4)}`);
  });
  xor.forEach(({ x, target }, i) => {
    console.log(`${x.join(" xor ")} = ${target}, the network says ${answers[i].toFixed(2)}`);
  });
}
