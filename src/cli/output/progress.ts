/** Training as it is watched: a bar on a terminal, lines elsewhere. */

import { formatNumber, formatPercent } from "../../figures/index.ts";
import type { EpochEvent, StartEvent, StepEvent, TrainEvent } from "../../train/index.ts";
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

/** A line an epoch, or every so many epochs, so that long runs do not flood a log; and one for each step
 * event. */
function progressLines(terminal: Terminal): Watcher {
  const pace = new Pace();
  let every = 1;
  let shownAt = 0;
  let unseen: EpochEvent | undefined;
  return (event) => {
    pace.see(event);
    if (event.type === "start") {
      every = Math.ceil(event.epochs / mostLines);
      shownAt = performance.now();
      const interval = every === 1 ? "" : `; one line every ${every} epochs`;
      terminal.log(`${startText(event)}${interval}`);
    } else if (event.type === "step") {
      shownAt = performance.now();
      terminal.log(stepText(event, pace));
    } else if (event.type === "epoch") {
      const { epoch } = event;
      const isDue = epoch === 1 || epoch % every === 0 || epoch === pace.epochs;
      const isSlow = performance.now() - shownAt > longestSilence;
      unseen = isDue || isSlow ? undefined : event;
      if (unseen !== undefined) return;
      shownAt = performance.now();
      terminal.log(epochText(event, pace));
    } else if (event.type === "end" && unseen !== undefined) {
      terminal.log(epochText(unseen, pace));
    }
  };
}

const milliseconds = 80;
const barLength = 24;

/** A bar that step events move too. */
function progressBar(terminal: Terminal): Watcher {
  const pace = new Pace();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let last: EpochEvent | undefined;
  return (event) => {
    pace.see(event);
    if (event.type === "start") {
      terminal.log(startText(event));
    } else if (event.type === "step" || event.type === "epoch") {
      if (event.type === "epoch") last = event;
      const now = performance.now();
      const isEnd = event.type === "epoch" && event.epoch === pace.epochs;
      if (now - drawnAt < milliseconds && !isEnd) return;
      drawnAt = now;
      terminal.rewriteLine(barText(event, last, pace, terminal));
    } else if (event.type === "end") {
      terminal.rewriteLine("");
    }
  };
}

/** How fast a run goes, and how long it will take. */
class Pace {
  epochs = 0;
  stepsPerEpoch = 1;
  /** Over the time since the last event. */
  rowsPerSecond = 0;
  /** Until the end of the last epoch, as fast as until now. */
  secondsLeft = 0;
  #samples = 0;
  #begin: Moment = { at: 0, step: 0 };
  #before: Moment = { at: 0, step: 0 };

  see(event: TrainEvent): void {
    const at = performance.now();
    if (event.type === "start") {
      this.epochs = event.epochs;
      this.stepsPerEpoch = event.stepsPerEpoch;
      this.#samples = event.samples;
      this.#begin = { at, step: event.stepsDone };
      this.#before = this.#begin;
    } else if (event.type === "step" || event.type === "epoch") {
      const { step } = event;
      // An epoch's end may follow a step event at once.
      if (step > this.#before.step) {
        const rows = ((step - this.#before.step) / this.stepsPerEpoch) * this.#samples;
        this.rowsPerSecond = (1000 * rows) / (at - this.#before.at);
      }
      const perStep = (at - this.#begin.at) / 1000 / (step - this.#begin.step);
      this.secondsLeft = perStep * (this.epochs * this.stepsPerEpoch - step);
      this.#before = { at, step };
    }
  }
}

interface Moment {
  readonly at: number;
  readonly step: number;
}

function startText({ samples, parameters, epochs, stepsPerEpoch, backend }: StartEvent): string {
  const count = (value: number) => value.toLocaleString("en-US");
  return (
    `Training ${count(parameters)} parameters on ${count(samples)} rows: ` +
    `${count(epochs)} epochs of ${count(stepsPerEpoch)} steps, backend ${backend}`
  );
}

function epochText(event: EpochEvent, { epochs, rowsPerSecond, secondsLeft }: Pace): string {
  const number = String(event.epoch).padStart(String(epochs).length);
  const facts = [
    `epoch ${number}/${epochs}`,
    measuresText(event),
    `${formatNumber(event.seconds)} s`,
    `${rateText(rowsPerSecond)} rows/s`,
    ...(event.epoch < epochs ? [leftText(secondsLeft)] : []),
  ];
  return facts.join("  ");
}

function stepText(event: StepEvent, pace: Pace): string {
  const { epochs, stepsPerEpoch, rowsPerSecond, secondsLeft } = pace;
  const step = event.step - (event.epoch - 1) * stepsPerEpoch;
  const place = `epoch ${event.epoch}/${epochs}, step ${step}/${stepsPerEpoch}`;
  const rate = `${rateText(rowsPerSecond)} rows/s`;
  return `${place}  loss ${event.loss.toPrecision(4)}  ${rate}  ${leftText(secondsLeft)}`;
}

/** Three digits are as steady as a rate gets. */
function rateText(rate: number): string {
  return Number(rate.toPrecision(3)).toLocaleString("en-US");
}

function leftText(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90
    ? `${minutes} min left`
    : `${formatNumber(Number((minutes / 60).toPrecision(2)))} h left`;
}

function measuresText({ train, validation }: EpochEvent): string {
  const text = (name: string, { loss, accuracy }: EpochEvent["train"]) =>
    `${name} ${loss.toPrecision(4)}${accuracy === undefined ? "" : ` (${formatPercent(accuracy)})`}`;
  return validation === undefined
    ? text("loss", train)
    : `${text("loss", train)}  ${text("validation", validation)}`;
}

/** @param last the last whole epoch, whose measures are shown while the next one goes on */
function barText(
  event: EpochEvent | StepEvent,
  last: EpochEvent | undefined,
  pace: Pace,
  terminal: Terminal,
): string {
  const { epochs, stepsPerEpoch, rowsPerSecond, secondsLeft } = pace;
  const measures =
    last !== undefined
      ? measuresText(last)
      : event.type === "step"
        ? `loss ${event.loss.toPrecision(4)}`
        : "";
  const number = String(event.epoch).padStart(String(epochs).length);
  const speed = `${rateText(rowsPerSecond)} rows/s  ${leftText(secondsLeft)}`;
  const facts = `${number}/${epochs}  ${measures}  ${speed}`;
  if (facts.length + barLength + 3 > terminal.columns) return facts.slice(0, terminal.columns - 1);
  const full = Math.round((event.step / (epochs * stepsPerEpoch)) * barLength);
  const [done, open] = ["━".repeat(full), "─".repeat(barLength - full)];
  return `${terminal.paintLog("cyan", done)}${terminal.paintLog("dim", open)}  ${facts}`;
}
