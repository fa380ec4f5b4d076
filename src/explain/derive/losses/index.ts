export { softmaxSlope } from "./crossEntropy.ts";
export { batchLoss } from "./fromGraph.ts";
export { lossEquations, takesValues } from "./lossEquations.ts";
