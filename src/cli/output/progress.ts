/** Training as it is watched: a bar on a terminal, lines elsewhere. */

import { formatNumber, formatPercent } from "../../figures/index.ts";
import type { EpochEvent, StartEvent, TrainEvent } from "../../train/index.ts";
import type { Terminal } from "./terminal.ts";

/** Sees every event of a training run. */
export type Watcher = (event: TrainEvent) => void;

/** The watcher that suits the terminal. */
export function progressOn(terminal: Terminal): Watcher {
  if (terminal.hasLiveProgress) return progressBar(terminal);
  if (terminal.isQuiet || terminal.isJson) return () => {};
  return progressLines(terminal);
}

const mostLines = 25;

/** Longer than this without a line and people wonder; slow epochs get one each. */
const longestSilence = 10_000;

/** A line an epoch, or every so many epochs, so that long runs do not flood a log. */
function progressLines(terminal: Terminal): Watcher {
  let every = 1;
  let epochs = 0;
  let shownAt = 0;
  let unseen: EpochEvent | undefined;
  return (event) => {
    if (event.type === "start") {
      epochs = event.epochs;
      every = Math.ceil(epochs / mostLines);
      shownAt = performance.now();
      const pace = every === 1 ? "" : `; one line every ${every} epochs`;
      terminal.log(`${startText(event)}${pace}`);
    } else if (event.type === "epoch") {
      const { epoch } = event;
      const isDue = epoch === 1 || epoch % every === 0 || epoch === epochs;
      const isSlow = performance.now() - shownAt > longestSilence;
      unseen = isDue || isSlow ? undefined : event;
      if (unseen !== undefined) return;
      shownAt = performance.now();
      terminal.log(epochText(event, epochs));
    } else if (event.type === "end" && unseen !== undefined) {
      terminal.log(epochText(unseen, epochs));
    }
  };
}

const milliseconds = 80;
const barLength = 24;

function progressBar(terminal: Terminal): Watcher {
  let epochs = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.type === "start") {
      epochs = event.epochs;
      terminal.log(startText(event));
    } else if (event.type === "epoch") {
      const now = performance.now();
      if (now - drawnAt < milliseconds && event.epoch < epochs) return;
      drawnAt = now;
      terminal.rewriteLine(barText(event, epochs, terminal));
    } else if (event.type === "end") {
      terminal.rewriteLine("");
    }
  };
}

function startText({ samples, parameters, epochs, stepsPerEpoch, backend }: StartEvent): string {
  const count = (value: number) => value.toLocaleString("en-US");
  return (
    `Training ${count(parameters)} parameters on ${count(samples)} rows: ` +
    `${count(epochs)} epochs of ${count(stepsPerEpoch)} steps, backend ${backend}`
  );
}

function epochText(event: EpochEvent, epochs: number): string {
  const number = String(event.epoch).padStart(String(epochs).length);
  return `epoch ${number}/${epochs}  ${measuresText(event)}  ${formatNumber(event.seconds)} s`;
}

function measuresText({ train, validation }: EpochEvent): string {
  const text = (name: string, { loss, accuracy }: EpochEvent["train"]) =>
    `${name} ${loss.toPrecision(4)}${accuracy === undefined ? "" : ` (${formatPercent(accuracy)})`}`;
  return validation === undefined
    ? text("loss", train)
    : `${text("loss", train)}  ${text("validation", validation)}`;
}

function barText(event: EpochEvent, epochs: number, terminal: Terminal): string {
  const left = (event.seconds / event.epoch) * (epochs - event.epoch);
  const number = String(event.epoch).padStart(String(epochs).length);
  const facts = `${number}/${epochs}  ${measuresText(event)}  ${formatNumber(left)} s left`;
  if (facts.length + barLength + 3 > terminal.columns) return facts.slice(0, terminal.columns - 1);
  const full = Math.round((event.epoch / epochs) * barLength);
  const [done, open] = ["━".repeat(full), "─".repeat(barLength - full)];
  return `${terminal.paintLog("cyan", done)}${terminal.paintLog("dim", open)}  ${facts}`;
}
