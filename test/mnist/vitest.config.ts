/** The long tests on MNIST, apart from `npm test`. */

import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  test: { include: ["test/mnist/*.long.ts"], fileParallelism: false },
});
