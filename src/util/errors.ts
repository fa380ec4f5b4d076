/** The error classes of Chainrule: few, with stable codes, so that callers can tell causes apart. */

/** Base of every error that Chainrule throws on purpose; `code` never changes between versions. */
export abstract class ChainruleError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Shapes that do not fit together: an op, a layer's input, a dataset's rows. */
export class ShapeError extends ChainruleError {
  readonly code = "CHAINRULE_SHAPE";
}

/** Element types that an op does not take. */
export class DTypeError extends ChainruleError {
  readonly code = "CHAINRULE_DTYPE";
}

/** An argument, option, configuration or command line that is not valid. */
export class UsageError extends ChainruleError {
  readonly code = "CHAINRULE_USAGE";
}

/** Data that cannot be used: a bad row, a label out of range, an empty set. */
export class DataError extends ChainruleError {
  readonly code = "CHAINRULE_DATA";
}

/** A file that cannot be read, written or understood. */
export class FileError extends ChainruleError {
  readonly code = "CHAINRULE_FILE";
}

/** Values that became NaN or infinite. */
export class NumericalError extends ChainruleError {
  readonly code = "CHAINRULE_NUMERICAL";
}

/** A broken invariant of Chainrule itself: a bug, never the user's mistake. */
export class InternalError extends ChainruleError {
  readonly code = "CHAINRULE_INTERNAL";
}
