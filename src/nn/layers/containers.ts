/** The built-in layers that hold others, by name. */

import { parallel, residual } from "./branches.ts";
import { sequential } from "./structure.ts";

/** Constructors of the built-in layers that hold others. */
export const containers = { sequential, residual, parallel } as const;
