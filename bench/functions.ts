/** Function workloads as steppers: one compiled program over arrays that lie in its memory. */

import type { Backend } from "../src/backend/index.ts";
import { build, type FloatDType, type Program, sizeOf } from "../src/ir/index.ts";
import { fromNode, type Tensor } from "../src/tensor/index.ts";
import { Generator } from "../src/util/index.ts";
import { workOf } from "./limit.ts";
import type { Stepper } from "./measurement.ts";
import type { FunctionWorkload } from "./workloads.ts";

/** Each function, of arguments of one shape. */
const calls: Readonly<
  Record<FunctionWorkload["call"], { readonly arity: number; f(...args: Tensor[]): Tensor }>
> = {
  matmul: { arity: 2, f: (a, b) => a.matmul(b) },
  /** A chain of ten ops that one loop should do: x − ½ tanh(x·y + 1)² + |y|, at most 4, scaled. */
  elementwise: {
    arity: 2,
    f: (x, y) => x.sub(x.mul(y).add(1).tanh().square().mul(0.5)).add(y.abs()).minimum(4).mul(0.25),
  },
  softmax: { arity: 1, f: (x) => x.softmax(-1) },
};

export function functionStepper(
  workload: FunctionWorkload,
  dtype: FloatDType,
  backend: Backend,
): Stepper {
  const { call, shape } = workload;
  const { f } = calls[call];
  const inputs = Array.from({ length: arity(workload) }, (_, i) =>
    build.input(`x${i}`, shape, dtype),
  );
  const result = f(...inputs.map((input) => fromNode(input)));
  const program: Program = { name: "main", outputs: [result.node] };
  const executable = backend.compile([program]);
  for (const [i, input] of inputs.entries()) {
    executable.write(input, argumentValues(sizeOf(shape), i));
  }
  return {
    samplesPerStep: shape[0],
    work: workOf(program),
    run: (steps) => {
      const start = performance.now();
      executable.run("main", steps);
      return performance.now() - start;
    },
  };
}

/** Number of arguments. */
export function arity({ call }: FunctionWorkload): number {
  return calls[call].arity;
}

/** Standard normal numbers. */
export function argumentValues(size: number, argument: number): Float32Array {
  const generator = new Generator(1).fork(argument);
  return Float32Array.from({ length: size }, () => generator.normal());
}
