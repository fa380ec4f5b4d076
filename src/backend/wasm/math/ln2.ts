/** ln 2 in two parts, of which the integers that occur make exact products with the first.
 * f32: Cephes expf and logf. f64: fdlibm e_exp.c and e_log.c. */

export const ln2High = { f32x4: 0.693359375, f64x2: 0.6931471803691238 };
export const ln2Low = { f32x4: -2.1219444e-4, f64x2: 1.9082149292705877e-10 };
