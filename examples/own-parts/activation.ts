/** An activation of one's own: a wave that fades away on both sides. */

import { defineActivation } from "../../src/index.ts";

export const ripple = defineActivation("ripple", (x) => x.mul(x.square().mul(-0.5).exp()));
