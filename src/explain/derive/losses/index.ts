export { softmaxSlope } from "./crossEntropy.ts";
export { lossEquations, takesValues } from "./lossEquations.ts";
