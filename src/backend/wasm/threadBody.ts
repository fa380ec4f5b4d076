/** What a thread of a team does: it takes messages, and runs its parts of programs. */

import type { BarrierImports } from "./barrier.ts";
import { type AngleImports, angleImports } from "./math/hugeAngle.ts";
import { type RunProgram, runName } from "./runProgram.ts";
import type { TeamStatus } from "./teamStatus.ts";

/** What a thread is told, in order. */
export type ThreadMessage =
  | {
      readonly kind: "load";
      /** By which later messages name the module. */
      readonly id: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly memory: WebAssembly.Memory;
    }
  | {
      readonly kind: "run";
      readonly id: number;
      readonly program: string;
      readonly base: number;
      readonly times: number;
    }
  | { readonly kind: "forget"; readonly id: number };

/** What a thread does with its messages. Whatever is thrown ends the work of the team.
 * @param thread its place, from 1 */
export function threadBody(thread: number, status: TeamStatus): (message: ThreadMessage) => void {
  const loaded = new Map<number, WebAssembly.Exports>();
  const imports: BarrierImports & AngleImports = {
    ...angleImports(),
    waiting: () => {
      if (status.failure !== undefined) throw new Error("another thread failed");
    },
  };
  const answer = (message: ThreadMessage) => {
    const { kind, id } = message;
    if (kind === "load") {
      const { bytes, memory } = message;
      const module = new WebAssembly.Module(bytes);
      const { exports } = new WebAssembly.Instance(module, { env: { memory, ...imports } });
      loaded.set(id, exports);
    } else if (kind === "run") {
      const run = loaded.get(id)?.[runName(message.program)] as RunProgram;
      run(message.base, message.times);
    } else {
      loaded.delete(id);
    }
  };
  status.turn(thread);
  return (message) => {
    status.turn(thread);
    try {
      // The counts of a team that failed are out of step: waiting at a barrier would not end.
      if (status.failure === undefined) answer(message);
    } catch (error) {
      status.fail(`thread ${thread} failed to ${message.kind} a program: ${error}`);
    }
    status.turn(thread);
  };
}
