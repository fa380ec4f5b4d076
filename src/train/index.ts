/** Training. */

export type {
  EndEvent,
  EndReason,
  EpochEvent,
  EpochRecord,
  History,
  StartEvent,
  StepEvent,
  TrainEvent,
} from "./events.ts";
export type { EarlyStopping, StepPosition, TrainOptions } from "./options.ts";
export { pause } from "./pause.ts";
export { train } from "./train.ts";
