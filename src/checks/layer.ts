/** The suite that every layer and join must pass, built in or not. */

import type { Backend } from "../backend/index.ts";
import { referenceBackend } from "../backend/index.ts";
import { wasmBackend } from "../backend/wasm/index.ts";
import { type FloatDType, type Shape, sizeOf } from "../ir/index.ts";
import {
  flattenSpecs,
  isJoin,
  isTrained,
  joinedShapeOf,
  outputShapeOf,
  type ParameterSpec,
  type Part,
} from "../nn/index.ts";
import {
  decodeSafetensors,
  describeLayer,
  encodeSafetensors,
  type LayerKind,
  partFrom,
} from "../nn/saving.ts";
import { compile, type Tensor, tensor, valueAndGrad } from "../tensor/index.ts";
import { Generator, nestByPath } from "../util/index.ts";
import {
  backendTolerance,
  type Check,
  centralDifferences,
  expectClose,
  expectSameBits,
  expectShape,
  expectThat,
  gradientTolerance,
  runChecks,
} from "./check.ts";

export interface LayerCheckOptions {
  /** Shape of a sample, or one for each input of a join. */
  readonly input: Shape | readonly Shape[];
  /** Draws one input value; default normal. */
  readonly draw?: (generator: Generator) => number;
  /** Whether the gradient is that of the function; false for straight-through ones. Default true. */
  readonly hasTrueGradient?: boolean;
  /** Factories that its JSON description needs; false for a layer that holds a function, which no file
   * can. Default: the built-in ones. */
  readonly kinds?: readonly LayerKind[] | false;
  /** Default 0. */
  readonly seed?: number;
}

/** Checks a layer or a join: shapes for every batch size, dtypes, rows independent of each other in use,
 * gradients against central differences, both backends against each other, determinism, and the round
 * trip through JSON and safetensors.
 *
 * @throws UsageError that lists every claim which does not hold
 * @example
 * await checkLayer(myLayer({ units: 3 }), { input: [4], kinds: [myLayer] });
 */
export async function checkLayer(part: Part, options: LayerCheckOptions): Promise<void> {
  await runChecks(`checkLayer "${part.kind}"`, layerChecks(part, options));
}

/** The checks of `checkLayer` one by one, for a test runner.
 *
 * @example
 * for (const { name, run } of layerChecks(myLayer({}), { input: [4] })) test(name, run);
 */
export function layerChecks(part: Part, options: LayerCheckOptions): Check[] {
  const trial = new LayerTrial(part, options);
  const { hasTrueGradient = true, kinds = [] } = options;
  return [
    { name: "the result has a row for each row", run: () => trial.shapes() },
    { name: "the result has the dtype of the input", run: () => trial.dtypes() },
    { name: "values and gradients are finite", run: () => trial.finiteness() },
    { name: "in use, no row depends on another", run: () => trial.rows() },
    ...(hasTrueGradient
      ? [{ name: "the gradient equals central differences", run: () => trial.gradients() }]
      : []),
    { name: "both backends agree in float64", run: () => trial.backends("float64") },
    { name: "both backends agree in float32", run: () => trial.backends("float32") },
    { name: "the same seeds give the same bits", run: () => trial.determinism() },
    { name: "parameters survive a safetensors file", run: () => trial.safetensors() },
    ...(kinds === false ? [] : [{ name: "JSON gives it back", run: () => trial.json(kinds) }]),
  ];
}

interface Inputs {
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly xs: readonly Tensor[];
  readonly g: Tensor;
  readonly key: Tensor;
}

/** All that a layer gives: its result, the gradients of Σ y·g, and the states it sets. */
interface Outcome {
  readonly y: Tensor;
  readonly parameterGradients: Readonly<Record<string, Tensor>>;
  readonly inputGradients: readonly Tensor[];
  readonly next: Readonly<Record<string, Tensor>>;
}

const batches = [1, 2, 5];
const modes = [false, true];

class LayerTrial {
  readonly #part: Part;
  readonly #options: LayerCheckOptions;
  readonly #shapes: readonly Shape[];
  readonly #specs: ReadonlyMap<string, ParameterSpec>;
  readonly #output: Shape;

  constructor(part: Part, options: LayerCheckOptions) {
    const { input } = options;
    this.#part = part;
    this.#options = options;
    this.#shapes = isListOfShapes(input) ? input : [input as Shape];
    this.#specs = new Map(
      flattenSpecs(isJoin(part) ? part.parameters(this.#shapes) : part.parameters(this.#shapes[0])),
    );
    this.#output = isJoin(part)
      ? joinedShapeOf(part, this.#shapes)
      : outputShapeOf(part, this.#shapes[0]);
  }

  shapes(): void {
    for (const training of modes) {
      for (const batch of batches) {
        const { y } = this.#run(this.#inputs(batch, "float64"), training);
        expectShape(`batch of ${batch}`, y.shape, [batch, ...this.#output]);
      }
    }
  }

  dtypes(): void {
    for (const dtype of ["float32", "float64"] as const) {
      const outcome = this.#run(this.#inputs(2, dtype), true);
      for (const [what, each] of named(outcome)) {
        expectThat(each.dtype === dtype, () => `${what}: expected ${dtype}, got ${each.dtype}.`);
      }
    }
  }

  finiteness(): void {
    for (const training of modes) {
      for (const [what, { data }] of named(this.#run(this.#inputs(5, "float64"), training))) {
        expectThat(
          data.every(Number.isFinite),
          () => `${what}: expected finite values, got ${data}.`,
        );
      }
    }
  }

  rows(): void {
    const inputs = this.#inputs(5, "float64");
    const all = this.#run(inputs, false).y;
    const size = sizeOf(this.#output);
    for (let row = 0; row < 5; row++) {
      const xs = inputs.xs.map((x) => x.slice([row, row + 1]));
      const alone = this.#run({ ...inputs, xs, g: inputs.g.slice([row, row + 1]) }, false).y;
      // A product of fewer rows may sum in another order.
      const expected = all.data.slice(row * size, (row + 1) * size);
      expectClose(`row ${row} alone`, alone.data, expected, 1e-13);
    }
  }

  gradients(): void {
    for (const training of modes) {
      const inputs = this.#inputs(3, "float64");
      const outcome = this.#run(inputs, training);
      const objective = (changed: Partial<Inputs>) =>
        forward(this.#part, { ...inputs, ...changed }, training)
          .y.mul(inputs.g)
          .sum()
          .item();
      inputs.xs.forEach((x, i) => {
        const numeric = differences(x, (moved) => objective({ xs: inputs.xs.with(i, moved) }));
        const analytic = outcome.inputGradients[i].data;
        expectClose(`gradient of input ${i}`, analytic, numeric, gradientTolerance);
      });
      for (const [path, spec] of this.#specs) {
        if (!isTrained(spec)) continue;
        const numeric = differences(inputs.parameters[path], (moved) =>
          objective({ parameters: { ...inputs.parameters, [path]: moved } }),
        );
        const analytic = outcome.parameterGradients[path].data;
        expectClose(`gradient of "${path}"`, analytic, numeric, gradientTolerance);
      }
    }
  }

  backends(dtype: FloatDType): void {
    for (const training of modes) {
      const inputs = this.#inputs(5, dtype);
      const expected = new Map(named(this.#run(inputs, training)));
      for (const [what, { data }] of named(this.#run(inputs, training, wasmBackend()))) {
        expectClose(what, data, expected.get(what)!.data, backendTolerance[dtype]);
      }
    }
  }

  determinism(): void {
    for (const backend of [referenceBackend(), wasmBackend()]) {
      const [first, second] = [1, 2].map(
        () => new Map(named(this.#run(this.#inputs(4, "float32"), true, backend))),
      );
      for (const [what, { data }] of first) {
        expectSameBits(`${what} on ${backend.name}`, data, second.get(what)!.data);
      }
    }
  }

  safetensors(): void {
    const parameters = this.#parameters("float64");
    const tensors = new Map(
      Object.entries(parameters).map(([path, { shape, data }]) => [
        path,
        { dtype: "float64" as const, shape, data },
      ]),
    );
    const read = decodeSafetensors(encodeSafetensors({ tensors, metadata: {} })).tensors;
    for (const [path, { shape, data }] of tensors) {
      expectShape(path, read.get(path)!.shape, shape);
      expectClose(path, read.get(path)!.data, data, 0);
    }
  }

  json(kinds: readonly LayerKind[]): void {
    const text = JSON.stringify(describeLayer(this.#part));
    const again = partFrom(JSON.parse(text), kinds);
    expectThat(
      JSON.stringify(describeLayer(again)) === text,
      () => `expected the description ${text}, got ${JSON.stringify(describeLayer(again))}.`,
    );
    const inputs = this.#inputs(2, "float64");
    const [expected, actual] = [this.#part, again].map((part) => forward(part, inputs, true).y);
    expectClose("result of the copy", actual.data, expected.data, 0);
  }

  #parameters(dtype: FloatDType): Record<string, Tensor> {
    const generator = new Generator(this.#options.seed ?? 0);
    return Object.fromEntries(
      [...this.#specs].map(([path, { shape, initialize }]) => [
        path,
        tensor(initialize(generator.fork(path)), { dtype, shape }),
      ]),
    );
  }

  #inputs(batch: number, dtype: FloatDType): Inputs {
    const generator = new Generator(this.#options.seed ?? 0);
    const { draw = (each) => each.normal() } = this.#options;
    const filled = (shape: Shape, label: string, value: (generator: Generator) => number) => {
      const stream = generator.fork(label);
      const values = Float64Array.from({ length: sizeOf(shape) }, () => value(stream));
      return tensor(values, { dtype, shape });
    };
    return {
      parameters: this.#parameters(dtype),
      xs: this.#shapes.map((shape, i) => filled([batch, ...shape], `input ${i}`, draw)),
      g: filled([batch, ...this.#output], "cotangent", (each) => each.normal()),
      key: tensor([...generator.fork("key").key], { dtype: "int32" }),
    };
  }

  #run(inputs: Inputs, training: boolean, backend: Backend = referenceBackend()): Outcome {
    const program = compile((all: Inputs) => forwardAndBackward(this.#part, all, training), {
      backend,
    });
    return program(inputs);
  }
}

function isListOfShapes(input: Shape | readonly Shape[]): input is readonly Shape[] {
  return input.length > 0 && Array.isArray(input[0]);
}

function forward(part: Part, { parameters, xs, key }: Omit<Inputs, "g">, training: boolean) {
  const next: Record<string, Tensor> = {};
  const names = new Map(Object.entries(parameters).map(([path, value]) => [value, path]));
  let call = 0;
  const context = {
    training,
    randomKey: () => key.add(tensor([0, call++], { dtype: "int32" })),
    update: (state: Tensor, value: Tensor) => {
      const path = names.get(state);
      expectThat(path !== undefined, () => "update: expected one of the layer's state tensors.");
      next[path!] = value;
    },
  };
  const nested = nestByPath(new Map(Object.entries(parameters)));
  const y = isJoin(part) ? part.forward(nested, xs, context) : part.forward(nested, xs[0], context);
  const { dtype } = xs[0];
  expectThat(y.dtype === dtype, () => `result: expected ${dtype}, got ${y.dtype}.`);
  return { y, next };
}

function forwardAndBackward(part: Part, inputs: Inputs, training: boolean): Outcome {
  const { y, next } = forward(part, inputs, training);
  const objective = (of: Pick<Inputs, "parameters" | "xs">) =>
    forward(part, { ...of, key: inputs.key }, training)
      .y.mul(inputs.g)
      .sum();
  const [, slopes] = valueAndGrad(objective)({ parameters: inputs.parameters, xs: inputs.xs });
  return { y, next, parameterGradients: slopes.parameters, inputGradients: slopes.xs };
}

function named({ y, parameterGradients, inputGradients, next }: Outcome): [string, Tensor][] {
  return [
    ["result", y],
    ...inputGradients.map((each, i): [string, Tensor] => [`gradient of input ${i}`, each]),
    ...Object.entries(parameterGradients).map(([path, each]): [string, Tensor] => [
      `gradient of "${path}"`,
      each,
    ]),
    ...Object.entries(next).map(([path, each]): [string, Tensor] => [`next "${path}"`, each]),
  ];
}

function differences(at: Tensor, f: (moved: Tensor) => number): Float64Array {
  return centralDifferences(Float64Array.from(at.data), (values) =>
    f(tensor(values, { dtype: "float64", shape: at.shape })),
  );
}
