/** Finds the module specifiers of a TypeScript source, without taking comments, strings or regular expressions for code. */

/** One import of a file: what it names, and the line (from 1) that names it. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

interface Token {
  readonly kind: "word" | "string" | "sign";
  readonly text: string;
  readonly line: number;
}

/** Every `import … from`, `import "…"`, `export … from` and `import("…")`, types included. */
export function importsOf(source: string): Import[] {
  const tokens = tokenize(source);
  const found: Import[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i].kind !== "word" || tokens[i - 1]?.text === ".") continue;
    const isImport = tokens[i].text === "import";
    if (!isImport && tokens[i].text !== "export") continue;
    let at = i + 1;
    if (isImport && tokens[at]?.text === "(") at++;
    else if (!(isImport && tokens[at]?.kind === "string")) at = afterFrom(tokens, at);
    const target = tokens[at];
    if (target?.kind === "string") found.push({ specifier: target.text, line: target.line });
  }
  return found;
}

/** The index after the `from` of a clause such as `type { a as b }, * as c from`, or past the end. */
function afterFrom(tokens: readonly Token[], start: number): number {
  for (let i = start; i < tokens.length; i++) {
    const { kind, text } = tokens[i];
    if (kind === "word" && text === "from" && tokens[i + 1]?.kind === "string") return i + 1;
    if (kind === "sign" && !"{},*".includes(text)) break;
  }
  return tokens.length;
}

const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$]*|\d[\w.]*/uy;
const SPACE = /\s+/y;
const COMMENT = /\/\/[^\n]*|\/\*.*?\*\//sy;
const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/sy;
const REGULAR_EXPRESSION = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

/** After these words a slash opens a regular expression; after other words it divides. */
const BEFORE_EXPRESSION = new Set(
  "return typeof case in of delete void instanceof new throw await yield else do".split(" "),
);

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) skip(text.length);
    return text;
  };
  const skip = (length: number) => {
    for (let end = at + length; at < end; at++) if (source[at] === "\n") line++;
  };
  const slashOpensExpression = () => {
    const last = tokens.at(-1);
    if (last === undefined) return true;
    if (last.kind === "word") return BEFORE_EXPRESSION.has(last.text);
    return last.kind === "sign" && !")]}".includes(last.text);
  };
  /** Reads a template literal from its opening backtick; the code inside `${…}` is read as code. */
  const template = () => {
    const start = { kind: "sign", text: "`", line } as const;
    skip(1);
    while (at < source.length && source[at] !== "`") {
      if (source[at] === "\\") skip(2);
      else if (source.startsWith("${", at)) {
        skip(2);
        code();
      } else skip(1);
    }
    skip(1);
    // A template is a value: what follows it divides. The sign is one that may not open a clause.
    tokens.push(start, { kind: "sign", text: ")", line });
  };
  /** Reads code up to the closing brace that has no opening one, or to the end. */
  const code = () => {
    let depth = 0;
    while (at < source.length) {
      const startLine = line;
      if (take(SPACE) !== undefined || take(COMMENT) !== undefined) continue;
      const quoted = take(QUOTED);
      if (quoted !== undefined) {
        tokens.push({ kind: "string", text: quoted.slice(1, -1), line: startLine });
        continue;
      }
      if (source[at] === "`") {
        template();
        continue;
      }
      if (source[at] === "/" && slashOpensExpression() && take(REGULAR_EXPRESSION) !== undefined) {
        tokens.push({ kind: "sign", text: ")", line });
        continue;
      }
      const word = take(WORD);
      if (word !== undefined) {
        tokens.push({ kind: "word", text: word, line });
        continue;
      }
      const sign = source[at];
      skip(1);
      if (sign === "{") depth++;
      if (sign === "}" && depth-- === 0) return;
      tokens.push({ kind: "sign", text: sign, line });
    }
  };

  code();
  while (at < source.length) code(); // after a stray closing brace, which no valid file has
  return tokens;
}
