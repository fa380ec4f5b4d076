/** The built-in layers that are used less often, by name. */

import { groupNorm } from "./groupNorm.ts";
import { quadratic } from "./quadratic.ts";
import { spatialDropout } from "./spatialDropout.ts";

/** Constructors of the built-in layers that are used less often. */
export const variants = { groupNorm, quadratic, spatialDropout } as const;
