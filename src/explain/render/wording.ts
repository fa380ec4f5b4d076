/** Headings and phrases of rendered derivations. */

import type { SectionName } from "../derive/derivation.ts";
import { type Words, words } from "../words.ts";

export const sectionTitles: Readonly<Record<SectionName, Words>> = {
  notation: words("Notation", "符号"),
  fundamental: words("The fundamental equations", "基本方程"),
  functions: words("Activation functions", "激活函数"),
  forward: words("Forward pass", "前向传播"),
  loss: words("Loss", "损失"),
  outputError: words("Error of the output layer", "输出层误差"),
  recursion: words("Errors of the layers below", "误差的反向递推"),
  gradients: words("Gradients of the parameters", "参数的梯度"),
  update: words("Update", "参数更新"),
};

export const phrases = {
  title: words("Backpropagation", "反向传播推导"),
  online: words("one sample at a time", "逐样本（在线）"),
  batch: words("a batch, one sample in each row", "小批量，每行一个样本"),
  quantity: words("Quantity", "符号"),
  shape: words("Shape", "形状"),
  meaning: words("Meaning", "含义"),
  unfold: words("step by step", "逐步展开"),
  scalar: words("number", "标量"),
  anyLayer: words(
    "For every layer l, with L the last, and the error δ of a layer being ∂C/∂z:",
    "对任意层 l 成立；L 为最后一层，误差 δ 即 ∂C/∂z：",
  ),
} as const satisfies Readonly<Record<string, Words>>;
