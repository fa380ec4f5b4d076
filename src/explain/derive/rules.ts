/** The rules by which one line of a derivation follows from others, in words. */

import { type Words, words } from "../words.ts";

export const rules = {
  definition: words("definition", "定义"),
  forward: words("forward pass", "前向传播"),
  scalarForm: words("the same, element by element", "逐元素形式"),
  matrixForm: words("collected into matrices", "整理成矩阵形式"),
  chainRule: words("chain rule", "链式法则"),
  linearForm: words("derivative of a linear form", "线性式求导"),
  powerRule: words("power rule", "幂法则"),
  sumRule: words("sum over all paths", "对所有路径求和"),
  logarithm: words("derivative of the logarithm", "对数求导"),
  activation: words("derivative of the activation", "激活函数求导"),
  softmaxJacobian: words("Jacobian of softmax", "softmax 的雅可比矩阵"),
  substitution: words("substitution", "代入"),
  kronecker: words(
    "the bracket [i = j] keeps one term of the sum",
    "方括号 [i = j] 只保留和式中的一项",
  ),
  normalized: words("the targets sum to one", "目标之和为 1"),
  simplification: words("simplification", "化简"),
  reshaping: words("the same elements in another shape", "相同元素，不同形状"),
  firstLargest: words("of equal maxima the first", "相等的最大值取第一个"),
  routing: words("only the first maximum takes the error", "误差只传给第一个最大值"),
  averaging: words("each element contributes equally", "每个元素贡献相同"),
  mask: words("the mask is a constant", "掩码为常数"),
  branches: words("both branches add up", "两条支路相加"),
  lookUp: words("only the rows looked up take part", "只有被查到的行参与"),
  im2col: words("patches as columns (im2col)", "图像块排成列（im2col）"),
  col2im: words("patches added back (col2im)", "图像块加回原位（col2im）"),
  statistics: words("mean and variance depend on every element", "均值与方差依赖于每个元素"),
  throughTime: words("backpropagation through time", "随时间反向传播"),
  graphRule: words("gradient rules of the graph", "计算图的梯度规则"),
  update: words("update rule of the optimizer", "优化器的更新规则"),
  penalty: words("gradient of the penalty", "惩罚项的梯度"),
} as const satisfies Readonly<Record<string, Words>>;

export type RuleName = keyof typeof rules;
