/** The equations of each kind of layer; kinds without a row get theirs from their graph. */

import type { Operation, Site } from "../site.ts";
import { averagePooling, globalAveragePooling } from "./averagePooling.ts";
import { convolution } from "./convolution.ts";
import { dense, quadratic } from "./dense.ts";
import { fromGraph } from "./fromGraph.ts";
import { gru } from "./gru.ts";
import { lstm } from "./lstm.ts";
import { globalMaxPooling, maxPooling } from "./maxPooling.ts";
import { batchNormalization, layerNormalization } from "./normalization.ts";
import { rnn } from "./recurrent.ts";
import { dropout, embedding, rearranged } from "./structure.ts";

/** `undefined`: the layer's options are beyond the equations, its graph speaks for it. */
const operationRules: Readonly<Record<string, (site: Site) => Operation | undefined>> = {
  linear: dense,
  quadratic,
  conv1d: convolution,
  conv2d: convolution,
  averagePool1d: averagePooling,
  averagePool2d: averagePooling,
  maxPool1d: maxPooling,
  maxPool2d: maxPooling,
  globalAveragePool: globalAveragePooling,
  globalMaxPool: globalMaxPooling,
  batchNorm: batchNormalization,
  layerNorm: layerNormalization,
  flatten: rearranged,
  reshape: rearranged,
  dropout,
  embedding,
  rnn,
  lstm,
  gru,
};

/** The equations of a layer at its place. */
export function operationOf(site: Site): Operation {
  return operationRules[site.kind]?.(site) ?? fromGraph(site);
}

/** Whether the layer rearranges only, so that its result is called a, not z. */
export function keepsValues(kind: string): boolean {
  return ["flatten", "reshape", "dropout"].includes(kind) || /pool/i.test(kind);
}
