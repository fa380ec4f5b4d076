/** The machine and the versions that a page of measurements names. */

import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";

export interface MachineFacts {
  readonly processor: string;
  readonly threads: number;
  readonly memory: string;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** How many processes wanted to run in the last five minutes; at rest about 0. */
  readonly load: number;
}

export function machineFacts(): MachineFacts {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() || "unknown",
    threads: all.length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${platform()} ${release().split("-")[0]} ${arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    load: loadavg()[1],
  };
}
