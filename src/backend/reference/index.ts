export { referenceBackend } from "./backend.ts";
export { evaluate, referenceRules } from "./evaluate.ts";
export type { ReferenceRule, ReferenceRules } from "./rules.ts";
