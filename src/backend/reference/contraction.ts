/** The meaning of matmul: C[…, i, j] = Σₚ A[…, i, p] · B[…, p, j], accumulated in double precision
 * in the order of p and rounded once. */

import { allocate, sizeOf } from "../../ir/index.ts";
import type { ReferenceRules } from "./rules.ts";

export const contractionRules: ReferenceRules<"matmul"> = {
  matmul: (node, [a, b]) => {
    const [m, n] = node.shape.slice(-2);
    const k = node.inputs[0].shape.at(-1)!;
    const result = allocate(node.dtype, sizeOf(node.shape));
    const row = new Float64Array(n);
    for (let batch = 0; batch < sizeOf(node.shape.slice(0, -2)); batch++) {
      for (let i = 0; i < m; i++) {
        row.fill(0);
        for (let p = 0; p < k; p++) {
          const factor = a[(batch * m + i) * k + p];
          for (let j = 0; j < n; j++) row[j] += factor * b[(batch * k + p) * n + j];
        }
        result.set(row, (batch * m + i) * n);
      }
    }
    return result;
  },
};
