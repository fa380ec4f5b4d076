/** Recurrent layers, unrolled over time: simple RNN, GRU and LSTM, with PyTorch's parameters. */

import { type Shape, sizeOf } from "../../ir/index.ts";
import { stack, type Tensor, zeros as zeroTensor } from "../../tensor/index.ts";
import { fanInUniform, glorotUniform, orthogonal, presets, zeros } from "../initializers.ts";
import { defineLayer, type Layer, type ParameterTensors } from "../layer.ts";
import type { ParameterSpec } from "../parameter.ts";
import { expectWhole, sequenceShape } from "./expect.ts";

export interface RecurrentOptions {
  /** Length h of the hidden state. */
  readonly units: number;
  /** Whether all states are the result, [batch, time, units], or the last one, [batch, units]; default
   * false: the last. */
  readonly sequence?: boolean;
  /** Whether time runs backwards; the result stays in the order of the input. Default false. */
  readonly reverse?: boolean;
}

type RecurrentSpecs = {
  readonly inputWeight: ParameterSpec;
  readonly recurrentWeight: ParameterSpec;
  readonly inputBias: ParameterSpec;
  readonly recurrentBias: ParameterSpec;
};

/** Gates are stacked: W [gates·h, features], U [gates·h, h] and two biases [gates·h], all U(±1/√h). */
function recurrentSpecs(
  kind: string,
  input: Shape,
  { units }: RecurrentOptions,
  gates: number,
): RecurrentSpecs {
  expectWhole(kind, "units", units);
  const [, features] = sequenceShape(kind, input);
  const spec = (shape: Shape, keras: (shape: Shape) => ParameterSpec) =>
    presets({ pytorch: fanInUniform(shape, units), keras: keras(shape) });
  return {
    inputWeight: spec([gates * units, features], glorotUniform),
    recurrentWeight: spec([gates * units, units], orthogonal),
    inputBias: spec([gates * units], zeros),
    recurrentBias: spec([gates * units], zeros),
  };
}

/** One step: input gates W·xₜ + b [batch, gates·h] and the states before → the states after, the hidden
 * one first. */
type Cell = (inputGates: Tensor, states: readonly Tensor[], units: number) => readonly Tensor[];

/** Runs a cell over x [batch, time, features]. The products W·x of all times are one product. */
function unroll(
  { inputWeight, inputBias }: ParameterTensors<RecurrentSpecs>,
  x: Tensor,
  { units, sequence = false, reverse = false }: RecurrentOptions,
  stateCount: number,
  cell: Cell,
): Tensor {
  const [batch, time] = x.shape;
  const gates = x.matmul(inputWeight.T).add(inputBias);
  const dtype = x.dtype;
  let states: readonly Tensor[] = Array.from({ length: stateCount }, () =>
    zeroTensor([batch, units], { dtype }),
  );
  const results: Tensor[] = [];
  for (let i = 0; i < time; i++) {
    states = cell(gates.slice(null, reverse ? time - 1 - i : i), states, units);
    results.push(states[0]);
  }
  if (!sequence) return states[0];
  return stack(reverse ? results.reverse() : results, 1);
}

/** Gate i of stacked gates [batch, gates·h]. */
function gate(stacked: Tensor, i: number, units: number): Tensor {
  return stacked.slice(null, [i * units, (i + 1) * units]);
}

export interface RnnOptions extends RecurrentOptions {
  /** Default tanh. */
  readonly activation?: "tanh" | "relu";
}

export const rnnLayer = defineLayer({
  name: "rnn",
  parameters: ({ input }, options: RnnOptions) => recurrentSpecs("rnn", input, options, 1),
  forward: (parameters, x, { options }) => {
    const { recurrentWeight, recurrentBias } = parameters;
    return unroll(parameters, x, options, 1, (inputs, [hidden]) => {
      const sum = inputs.add(hidden.matmul(recurrentWeight.T)).add(recurrentBias);
      return [options.activation === "relu" ? sum.relu() : sum.tanh()];
    });
  },
});

/** hₜ = tanh(W·xₜ + b + U·hₜ₋₁ + c), h₀ = 0: [batch, time, features] → [batch, units].
 * Elman, 1990; parameters as in PyTorch's RNN. */
export function rnn(units: number, options: Omit<RnnOptions, "units"> = {}): Layer {
  return rnnLayer({ units, ...options });
}

export const gruLayer = defineLayer({
  name: "gru",
  parameters: ({ input }, options: RecurrentOptions) => recurrentSpecs("gru", input, options, 3),
  forward: (parameters, x, { options }) => {
    const { recurrentWeight, recurrentBias } = parameters;
    return unroll(parameters, x, options, 1, (inputs, [hidden], units) => {
      const recurrent = hidden.matmul(recurrentWeight.T).add(recurrentBias);
      const both = (i: number) => gate(inputs, i, units).add(gate(recurrent, i, units));
      const reset = both(0).sigmoid();
      const keep = both(1).sigmoid();
      const candidate = gate(inputs, 2, units)
        .add(reset.mul(gate(recurrent, 2, units)))
        .tanh();
      return [candidate.add(keep.mul(hidden.sub(candidate)))];
    });
  },
});

/** Gated recurrent unit: hₜ = (1 − z)⊙n + z⊙hₜ₋₁ with z, r = σ(W·xₜ + b + U·hₜ₋₁ + c) and
 * n = tanh(W·xₜ + b + r⊙(U·hₜ₋₁ + c)); gates in the order r, z, n, as in PyTorch's GRU.
 * [batch, time, features] → [batch, units]. Cho et al., EMNLP 2014. */
export function gru(units: number, options: Omit<RecurrentOptions, "units"> = {}): Layer {
  return gruLayer({ units, ...options });
}

export const lstmLayer = defineLayer({
  name: "lstm",
  parameters: ({ input }, options: RecurrentOptions) => {
    const specs = recurrentSpecs("lstm", input, options, 4);
    return { ...specs, inputBias: { ...specs.inputBias, keras: forgetNothing(options.units) } };
  },
  forward: (parameters, x, { options }) => {
    const { recurrentWeight, recurrentBias } = parameters;
    return unroll(parameters, x, options, 2, (inputs, [hidden, memory], units) => {
      const gates = inputs.add(hidden.matmul(recurrentWeight.T)).add(recurrentBias);
      const write = gate(gates, 0, units).sigmoid();
      const keep = gate(gates, 1, units).sigmoid();
      const candidate = gate(gates, 2, units).tanh();
      const read = gate(gates, 3, units).sigmoid();
      const next = keep.mul(memory).add(write.mul(candidate));
      return [read.mul(next.tanh()), next];
    });
  },
});

/** Keras' bias of an LSTM: 1 for the forget gate, 0 for the others. Jozefowicz et al., ICML 2015. */
function forgetNothing(units: number): ParameterSpec {
  const shape = [4 * units];
  return {
    shape,
    initializer: "unitForgetBias",
    initialize: () =>
      Float64Array.from({ length: sizeOf(shape) }, (_, i) => (Math.floor(i / units) === 1 ? 1 : 0)),
  };
}

/** Long short-term memory: cₜ = f⊙cₜ₋₁ + i⊙g, hₜ = o⊙tanh(cₜ) with i, f, o = σ(W·xₜ + b + U·hₜ₋₁ + c)
 * and g = tanh(…); gates in the order i, f, g, o, as in PyTorch's LSTM.
 * [batch, time, features] → [batch, units]. Hochreiter and Schmidhuber, 1997. */
export function lstm(units: number, options: Omit<RecurrentOptions, "units"> = {}): Layer {
  return lstmLayer({ units, ...options });
}
