/** The join that puts its inputs one after the other: that of parallel branches unless told. */

import { concatenate as concatenateTensors } from "../../tensor/index.ts";
import { defineJoin, type Join } from "../layer.ts";

export const concatenateJoin = defineJoin({
  name: "concatenate",
  forward: (_, xs, { options: { axis = -1 } }: { options: { readonly axis?: number } }) =>
    concatenateTensors(xs, axis < 0 ? axis : axis + 1),
});

/** The inputs one after the other along an axis of a sample; the last unless told. */
export function concatenate(options: { readonly axis?: number } = {}): Join {
  return concatenateJoin(options);
}
