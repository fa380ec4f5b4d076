export * from "./data.ts";
export { wilsonInterval } from "./interval.ts";
export { renderReport } from "./report.ts";
