/** All built-in layers by name. */

import { activations } from "./activations/all.ts";
import { containers } from "./containers.ts";
import { layers } from "./index.ts";
import { resizing } from "./resizing.ts";
import { sequences } from "./sequences.ts";
import { variants } from "./variants.ts";

/** Constructors of all built-in layers. */
export const allLayers = {
  ...layers,
  ...activations,
  ...containers,
  ...variants,
  ...sequences,
  ...resizing,
} as const;
