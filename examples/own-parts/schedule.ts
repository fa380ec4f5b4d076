/** A schedule of one's own: the learning rate falls in a straight line to a hundredth. */

import { defineSchedule } from "../../src/index.ts";

export const fading = defineSchedule({
  name: "fading",
  rate: ({ base, step, totalSteps }) => base * (1 - 0.99 * ((step - 1) / totalSteps)),
});
