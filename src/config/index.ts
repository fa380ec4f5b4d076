/** Experiments as validated data, and what they build: rows, network, optimizer, backend. */

export { transformsOf } from "./augment.ts";
export {
  backendOf,
  type CompleteConfig,
  completeConfig,
  lossOf,
  networkOf,
  optimizerOf,
  scheduleOf,
} from "./build.ts";
export { type Override, parseOverride, parseValue } from "./overrides.ts";
export { resolveConfig } from "./resolve.ts";
export {
  csvOptions,
  type ExperimentRows,
  loadRows,
  type Parts,
  type Readers,
  type SourceFacts,
  withTargets,
} from "./rows.ts";
export { type ExperimentConfig, experimentSchema, type ResolvedConfig } from "./schema.ts";
export type { CsvSource, ImageFolderSource, ImageSource, SourceConfig } from "./sources.ts";
