/** The built-in transforms by name. */

import { UsageError } from "../../util/index.ts";
import { crop, elastic, flip, rotate, scale, shift } from "./moves.ts";
import { erase, noise } from "./pixelChanges.ts";
import type { Transform } from "./transform.ts";

/** Constructors of the built-in transforms.
 *
 * @example
 * const slight = [transforms.rotate({ degrees: 10 }), transforms.shift({ pixels: 2 })];
 */
export const transforms = { shift, crop, rotate, scale, flip, elastic, erase, noise } as const;

/** A transform as plain data. */
export interface TransformDescription {
  readonly kind: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

export function isBuiltIn({ kind }: TransformDescription): boolean {
  return Object.hasOwn(transforms, kind);
}

/** The built-in transform of a description. @throws UsageError for an unknown kind. */
export function transformFrom(description: TransformDescription): Transform {
  if (!isBuiltIn(description)) {
    const known = Object.keys(transforms).join(", ");
    throw new UsageError(`Transform: expected one of ${known}, got "${description.kind}".`);
  }
  const make = transforms[description.kind as keyof typeof transforms];
  return (make as (options?: object) => Transform)(description.options);
}
