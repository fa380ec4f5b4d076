/** Random orthonormal bases by Gram and Schmidt's process. */

/** `rows` ≤ `columns` orthonormal rows. Normal entries make the directions uniform (Mezzadri, 2007).
 * Each row is cleared of the earlier ones twice: once loses digits when rows are nearly dependent
 * (Kahan and Parlett, "twice is enough"). */
export function orthonormalRows(rows: number, columns: number, normal: () => number): number[][] {
  const basis: number[][] = [];
  while (basis.length < rows) {
    let row = Array.from({ length: columns }, normal);
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of basis) {
        const overlap = dot(row, earlier);
        row = row.map((value, i) => value - overlap * earlier[i]);
      }
      const length = Math.sqrt(dot(row, row));
      row = row.map((value) => value / length);
    }
    basis.push(row);
  }
  return basis;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
