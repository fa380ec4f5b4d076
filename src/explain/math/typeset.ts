/** Typesets mathematics: one walk over the tree that knows precedence and habit, for every format. */

import {
  type Equation,
  type Expression,
  type Index,
  keyOf,
  type MathSymbol,
} from "./expression.ts";
import type { Format } from "./format.ts";

/** How tightly a formula holds together, from a sum to a single letter. */
const level = { sum: 1, product: 2, application: 3, postfix: 4, atom: 5 } as const;

function levelOf(x: Expression, format: Format): number {
  switch (x.type) {
    case "add":
    case "negative":
    case "compare":
    case "and":
      return level.sum;
    case "times":
    case "matmul":
    case "hadamard":
    case "sum":
    case "maximum":
    case "minimum":
      return level.product;
    case "fraction":
      return format.hasInlineFractions ? level.product : level.application;
    case "primitive":
      if (x.name === "exp" && format.hasPowersOfE) return level.application;
      return x.name === "ln" && isSimple(x.arguments[0]) ? level.application : level.postfix;
    case "power":
    case "transpose":
    case "squaredNorm":
      return level.application;
    case "partial":
      return level.application;
    case "at":
      return x.of.type === "partial" ? level.application : level.postfix;
    case "cases":
      return level.sum;
    case "number":
      return x.value < 0 ? level.sum : level.atom;
    default:
      return level.atom;
  }
}

/** Whether a function's name may stand before it without brackets. */
function isSimple(x: Expression): boolean {
  return x.type === "symbol" || x.type === "at" || x.type === "index";
}

/** The formula in a format. */
export function typeset(x: Expression, format: Format): string {
  return new Typesetter(format).render(x);
}

/** The equation in a format. */
export function typesetEquation({ left, right }: Equation, format: Format): string {
  const setter = new Typesetter(format);
  return format.row([setter.render(left), format.operator("="), setter.render(right)]);
}

class Typesetter {
  readonly #format: Format;
  /** Whether small signs below a letter are being written, where quotients stay on the line. */
  #isWithinIndices = false;

  constructor(format: Format) {
    this.#format = format;
  }

  render(x: Expression, least = 0): string {
    const piece = this.#plain(x);
    return levelOf(x, this.#format) < least ? this.#format.brackets(piece, "round") : piece;
  }

  #plain(x: Expression): string {
    const f = this.#format;
    switch (x.type) {
      case "number":
        return f.number(x.value);
      case "index":
        return this.#index(x.index);
      case "group":
        return f.brackets(
          this.#isWithinIndices ? this.#indices(x.entries, true) : this.#list(x.entries),
          "round",
        );
      case "symbol":
        return f.link(x.symbol.key, this.#symbol(x.symbol));
      case "partial":
        return this.#partial(x, [], []);
      case "add":
        return this.#sum(x.terms);
      case "negative":
        return f.row([f.minus(), this.render(x.of, level.product)]);
      case "times":
        return this.#product(x.factors);
      case "matmul":
        return f.product(x.factors.map((factor) => this.#factor(factor)));
      case "hadamard":
        return f.row(
          x.factors.flatMap((factor, i) => [
            ...(i > 0 ? [f.operator("⊙")] : []),
            this.#hadamardFactor(factor),
          ]),
        );
      case "transpose":
        return this.#transpose(x.of);
      case "fraction":
        if (this.#isWithinIndices) {
          const parts = [
            this.render(x.top, level.application),
            this.render(x.bottom, level.postfix),
          ];
          return f.row([parts[0], f.slash(), parts[1]]);
        }
        return f.hasInlineFractions
          ? f.fraction(this.render(x.top, level.application), this.render(x.bottom, level.postfix))
          : f.fraction(this.render(x.top), this.render(x.bottom));
      case "power":
        return this.#power(x);
      case "primitive":
        return this.#primitive(x);
      case "apply": {
        const name = f.functionName(x.function.name);
        const marked = x.order === 1 ? f.scripts(name, undefined, f.prime()) : name;
        return f.row([marked, f.brackets(this.render(x.to), "round")]);
      }
      case "softmax":
        return f.row([f.functionName("softmax"), f.brackets(this.render(x.of), "round")]);
      case "sum":
        return f.product([
          ...x.over.filter(({ size }) => size !== 1).map((index) => this.#sumSign(index)),
          this.render(x.of, level.product),
        ]);
      case "maximum":
        return f.product([this.#extremeSign("max", x.over), this.render(x.of, level.product)]);
      case "minimum":
        return f.product([
          this.#extremeSign("min", x.over),
          x.where === undefined
            ? this.render(x.of, level.product)
            : f.brackets(
                f.row([this.render(x.of), f.operator(":"), this.render(x.where)]),
                "curly",
              ),
        ]);
      case "at":
        return this.#at(x);
      case "cases":
        return f.cases(
          [
            ...x.branches.map(({ value, condition }) => ({
              value: this.render(value),
              condition: this.render(condition),
            })),
            { value: this.render(x.otherwise), condition: undefined },
          ],
          f.logic,
        );
      case "bracket":
        return f.brackets(this.render(x.condition), "square");
      case "compare":
        return f.row([
          this.render(x.left, level.sum),
          f.operator(x.operator),
          this.render(x.right, level.sum),
        ]);
      case "and":
        return f.row(
          x.conditions.flatMap((condition, i) => [
            ...(i > 0 ? [f.conjunction(f.logic.and)] : []),
            this.render(condition),
          ]),
        );
      case "ones":
        return f.letter("1", { isBold: true });
      case "diagonal":
        return f.row([f.functionName("diag"), f.brackets(this.render(x.of), "round")]);
      case "reshape":
        return f.row([
          f.functionName(x.shape.length === 1 ? "vec" : "reshape"),
          f.brackets(this.render(x.of), "round"),
        ]);
      case "squaredNorm":
        return f.scripts(f.brackets(this.render(x.of), "norm"), undefined, f.number(2));
    }
  }

  #symbol(s: MathSymbol, above?: string, indices: readonly Expression[] = []): string {
    const f = this.#format;
    const isBold = s.shape.length > indices.length;
    const base = f.letter(s.letter, { isBold, accent: s.accent });
    const below = [
      ...(s.mark ? [s.mark.length > 1 ? f.words(s.mark) : f.variable(s.mark)] : []),
      ...(indices.length > 0 ? [this.#indices(indices)] : []),
    ];
    const top = [...(s.layer ? [f.layer(s.layer)] : []), ...(above ? [above] : [])];
    return f.scripts(
      base,
      below.length > 0 ? f.row(below.flatMap((b, i) => (i > 0 ? [f.comma(), b] : [b]))) : undefined,
      top.length > 0 ? f.row(top) : undefined,
    );
  }

  #indices(indices: readonly Expression[], areSeparate = false): string {
    const f = this.#format;
    const areTight =
      !areSeparate && indices.length <= 3 && indices.every(({ type }) => type === "index");
    const wasWithin = this.#isWithinIndices;
    this.#isWithinIndices = true;
    const pieces = indices.map((index) => this.render(index));
    this.#isWithinIndices = wasWithin;
    if (areTight) return f.row(pieces);
    return f.row(pieces.flatMap((piece, i) => (i > 0 ? [f.comma(), piece] : [piece])));
  }

  #list(entries: readonly Expression[]): string {
    const f = this.#format;
    return f.row(
      entries.flatMap((entry, i) => [...(i > 0 ? [f.separator()] : []), this.render(entry)]),
    );
  }

  #partial(
    x: Expression & { type: "partial" },
    topIndices: readonly Expression[],
    bottomIndices: readonly Expression[],
  ): string {
    const f = this.#format;
    const part = (s: MathSymbol, indices: readonly Expression[]) =>
      f.row([f.letter("∂", { isBold: false }), this.#symbol(s, undefined, indices)]);
    return f.link(keyOf(x), f.fraction(part(x.top, topIndices), part(x.bottom, bottomIndices)));
  }

  #at({ of, indices }: Expression & { type: "at" }): string {
    const f = this.#format;
    if (of.type === "symbol") {
      return f.link(of.symbol.key, this.#symbol(of.symbol, undefined, indices));
    }
    if (of.type === "partial") {
      const split = of.top.shape.length;
      return this.#partial(of, indices.slice(0, split), indices.slice(split));
    }
    const base = of.type === "apply" || of.type === "softmax" ? this.render(of) : undefined;
    return f.scripts(
      base ?? f.brackets(this.render(of), "round"),
      this.#indices(indices),
      undefined,
    );
  }

  #sum(terms: readonly Expression[]): string {
    const f = this.#format;
    return f.row(
      terms.flatMap((term, i) => {
        if (term.type === "negative") {
          const piece = this.render(term.of, level.product);
          return i === 0 ? [f.minus(), piece] : [f.operator("−"), piece];
        }
        if (term.type === "number" && term.value < 0 && i > 0) {
          return [f.operator("−"), f.number(-term.value)];
        }
        // A minus that a fraction or product carries inside still reads as a difference.
        return i === 0
          ? [this.render(term, level.sum)]
          : [f.operator("+"), this.render(term, level.product)];
      }),
    );
  }

  #product(factors: readonly Expression[]): string {
    const f = this.#format;
    return f.product(
      factors.map((factor, i) => {
        const isLast = i === factors.length - 1;
        const isOpen = !isLast && this.#isOpen(factor);
        const piece = isOpen ? f.brackets(this.render(factor), "round") : this.#factor(factor);
        return i > 0 && factor.type === "number" ? f.row([f.operator("·"), piece]) : piece;
      }),
    );
  }

  /** Whether what follows would be read as part of it. */
  #isOpen(x: Expression): boolean {
    if (x.type === "sum" || x.type === "maximum") return true;
    if (x.type === "minimum") return x.where === undefined;
    if (!this.#format.hasInlineFractions) return false;
    if (x.type === "fraction") return x.bottom.type !== "number";
    return x.type === "partial" || (x.type === "at" && x.of.type === "partial");
  }

  #factor(x: Expression): string {
    if (x.type === "hadamard") return this.#format.brackets(this.render(x), "round");
    return this.render(x, level.product);
  }

  #hadamardFactor(x: Expression): string {
    const isScaled =
      x.type === "times" && x.factors.slice(0, -1).every(({ type }) => type !== "symbol");
    const isProduct = x.type === "matmul" || x.type === "sum" || (x.type === "times" && !isScaled);
    return isProduct
      ? this.#format.brackets(this.render(x), "round")
      : this.render(x, level.product);
  }

  #transpose(of: Expression): string {
    const f = this.#format;
    if (of.type === "symbol") {
      return f.link(of.symbol.key, this.#symbol(of.symbol, f.transposed()));
    }
    if (of.type === "at" && of.of.type === "symbol") {
      return f.link(of.of.symbol.key, this.#symbol(of.of.symbol, f.transposed(), of.indices));
    }
    if (of.type === "ones") {
      return f.scripts(f.letter("1", { isBold: true }), undefined, f.transposed());
    }
    return f.scripts(f.brackets(this.render(of), "round"), undefined, f.transposed());
  }

  #power({ base, exponent }: Expression & { type: "power" }): string {
    const f = this.#format;
    const above = this.render(exponent);
    if (base.type === "symbol" && !base.symbol.layer) {
      return f.link(base.symbol.key, this.#symbol(base.symbol, above));
    }
    if (base.type === "at" && base.of.type === "symbol" && !base.of.symbol.layer) {
      return f.link(base.of.symbol.key, this.#symbol(base.of.symbol, above, base.indices));
    }
    if (base.type === "primitive" && base.arguments.length === 1 && namedPower.has(base.name)) {
      const name = f.scripts(f.functionName(base.name), undefined, above);
      return f.row([name, f.brackets(this.render(base.arguments[0]), "round")]);
    }
    const isAtom = base.type === "number" || base.type === "index";
    const piece = this.render(base);
    return f.scripts(isAtom ? piece : f.brackets(piece, "round"), undefined, above);
  }

  #primitive({ name, arguments: operands }: Expression & { type: "primitive" }): string {
    const f = this.#format;
    const [x] = operands;
    switch (name) {
      case "exp":
        return f.hasPowersOfE
          ? f.scripts(f.variable("e"), undefined, this.render(x))
          : f.row([f.functionName("exp"), f.brackets(this.render(x), "round")]);
      case "sqrt":
        return f.root(this.render(x));
      case "abs":
        return f.brackets(this.render(x), "bars");
      case "floor":
      case "ceil":
        return f.brackets(this.render(x), name);
      case "ln":
        if (isSimple(x)) return f.product([f.functionName("ln"), this.render(x)]);
        break;
      default:
    }
    return f.row([f.functionName(name), f.brackets(this.#list(operands), "round")]);
  }

  /** An index that has one position only is that position. */
  #index({ name, size, base, fixed }: Index): string {
    const isOne = size === 1 && fixed === undefined;
    return isOne ? this.#format.number(base) : this.#format.variable(name);
  }

  /** max or min over indices; one that has one position only is not worth a word. */
  #extremeSign(sign: "max" | "min", over: readonly Index[]): string {
    const running = over.filter(({ size }) => size !== 1);
    if (running.length === 0) return this.#format.functionName(sign);
    const below = this.#indices(running.map(indexExpression), true);
    return this.#format.big(sign, below, undefined);
  }

  /** Σ from the index's base; an index of unknown size has no bounds. */
  #sumSign({ name, size, base }: Index): string {
    const f = this.#format;
    if (!(size > 0)) return f.big("sum", f.variable(name), undefined);
    const below = f.row([f.variable(name), f.operator("="), f.number(base)]);
    return f.big("sum", below, f.number(size - 1 + base));
  }
}

/** tanh²(x) rather than (tanh(x))². */
const namedPower: ReadonlySet<string> = new Set(["tanh", "sin", "cos", "tan", "sinh", "cosh"]);

const indexExpression = (index: Index): Expression => ({ type: "index", index });
