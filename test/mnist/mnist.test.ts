/** The small networks on MNIST: seconds each. The large ones are in accuracy.long.ts. */

import { describe, expect, test } from "vitest";
import { trained } from "./experiment.testing.ts";
import { hasFiles } from "./files.testing.ts";

describe.skipIf(!hasFiles)("MNIST (needs CHAINRULE_DATA_DIR)", () => {
  // Some ten seconds each, where nothing else runs beside them.
  const patience = { timeout: 180_000 };

  test("mnist-mlp15: at least 94.5 %", patience, async () => {
    expect((await trained("mnist-mlp15", 1)).test).toBeGreaterThanOrEqual(0.945);
  });

  test(
    "mnist-mlp30: at least 96.5 %; with L2 a smaller gap to the validation rows",
    patience,
    async () => {
      const plain = await trained("mnist-mlp30", 1);
      const penalized = await trained("mnist-mlp30-l2", 1);
      expect(plain.test).toBeGreaterThanOrEqual(0.965);
      expect(penalized.test).toBeGreaterThanOrEqual(0.965);
      expect(penalized.train - penalized.validation!).toBeLessThan(plain.train - plain.validation!);
    },
  );
});
