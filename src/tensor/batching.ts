/** Functions mapped over a batch at once, and the derivatives that rest on it: the entry
 * `chainrule/tensor/batching`. */

export { hessian, jacobian } from "./jacobian.ts";
export { type VmapOptions, vmap } from "./vmap.ts";
