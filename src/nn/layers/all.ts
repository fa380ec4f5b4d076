/** All built-in layers by name. */

import { activations } from "./activations/all.ts";
import { layers } from "./index.ts";
import { resizing } from "./resizing.ts";
import { sequences } from "./sequences.ts";

/** Constructors of all built-in layers. */
export const allLayers = { ...layers, ...activations, ...sequences, ...resizing } as const;
