/** A backend that compiles with the passes and runs the kernels in plain JavaScript. */

import type { Backend } from "../../src/backend/interface.ts";
import {
  type CompileOptions,
  compilePrograms,
  transposeMatrix,
  verifying,
} from "../../src/compile/index.ts";
import { allocate, type InputNode, inputsOf, sizeOf, type TensorData } from "../../src/ir/index.ts";
import { interpretProgram, makeArena } from "./interpretPlan.ts";

export function interpreterBackend(options: CompileOptions = { trace: verifying }): Backend {
  return {
    name: "interpreter",
    compile: (programs) => {
      const plan = compilePrograms(programs, options);
      const inputs = inputsOf(programs);
      const arena = makeArena(plan);
      const bufferOf = new Map<unknown, number>(inputs.map((input, i) => [input, plan.inputs[i]]));
      programs.forEach(({ outputs }, p) => {
        outputs.forEach((output, i) => {
          if (!bufferOf.has(output)) bufferOf.set(output, plan.outputs[p][i]);
        });
      });
      const write = (input: InputNode, data: TensorData) => {
        const isTransposed = plan.transposed[inputs.indexOf(input)];
        const stored = isTransposed ? transposeMatrix(data, input.shape) : data;
        arena[bufferOf.get(input)!].set(stored);
      };
      return {
        size: { storage: plan.arenaBytes, code: 0 },
        write,
        fill: (input, put) => {
          const elements = allocate(input.dtype, sizeOf(input.shape));
          put(elements);
          write(input, elements);
        },
        run: (name, times = 1) => {
          for (let i = 0; i < times; i++) interpretProgram(plan, name, arena);
        },
        read: (node) => {
          const result: TensorData = allocate(node.dtype, arena[bufferOf.get(node)!].length);
          result.set(arena[bufferOf.get(node)!]);
          const isTransposed = plan.transposed[inputs.indexOf(node as InputNode)];
          return isTransposed ? transposeMatrix(result, node.shape.toReversed()) : result;
        },
        dispose: () => {},
      };
    },
  };
}
