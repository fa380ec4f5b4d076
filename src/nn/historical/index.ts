/** Units from before gradient learning: McCulloch and Pitts, Hebb, Rosenblatt. */

export { learnHebbian } from "./hebbian.ts";
export { fires, type McCullochPittsNeuron, mcCullochPitts } from "./mcCullochPitts.ts";
export {
  learnPerceptron,
  type PerceptronOptions,
  type PerceptronResult,
} from "./perceptronRule.ts";
export {
  activate,
  netInputs,
  type ThresholdSample,
  type ThresholdUnits,
  type ThresholdUpdate,
} from "./thresholdUnits.ts";
