/** The tests in two projects: `unit` beside the sources (seconds), and `whole` across folders and processes. */

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "whole",
          include: ["{test,examples,experiments,scripts}/**/*.test.ts"],
        },
      },
    ],
    testTimeout: 60_000,
  },
});
