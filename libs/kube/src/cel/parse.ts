import { call, constant, ident, memberCall, type Expr, type MapEntry } from './expression.ts';
import { tokens, type Token } from './lexer.ts';
import { macroFor } from './macros.ts';
import { Misuse } from './misuse.ts';

/** A mistake in a rule's text. `at` is an offset in UTF-16 units. */
export type Mistake = { readonly at: number; readonly message: string };

export type Parsed = { readonly ok: true; readonly expr: Expr } | { readonly ok: false; readonly mistake: Mistake };

/** Upstream's limit of the text; of its tree, what whoever walks it can bear: some frames of the stack for each level. */
const codePointsMax = 100_000;
const tokensMax = 20_000;
const nestingMax = 250;
const depthMax = 300;

/** Reads CEL text, macros unfolded. `namespaced` are functions whose names have dots: `optional.of`. https://cel.dev */
export function parseExpression(text: string, namespaced: ReadonlySet<string>): Parsed {
  try {
    if (text.length > 2 * codePointsMax) throw new Misuse(`expression code point size exceeds limit: limit ${codePointsMax}`, 0);
    return { ok: true, expr: new Parser(tokens(text), namespaced).parse() };
  } catch (error) {
    if (error instanceof Misuse) return { ok: false, mistake: { at: error.at, message: error.message } };
    throw error;
  }
}

const relations = new Set(['<', '<=', '>', '>=', '==', '!=', 'in']);
const sums = new Set(['+', '-']);
const products = new Set(['*', '/', '%']);
const notIdentifiers: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);
const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** One method a rule of the grammar; mistakes and nodes are placed where upstream's compiler places them. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #namespaced: ReadonlySet<string>;
  readonly #depths = new Map<Expr, number>();
  #next = 0;
  #nesting = 0;

  constructor(all: readonly Token[], namespaced: ReadonlySet<string>) {
    this.#tokens = all;
    this.#namespaced = namespaced;
    const beyond = all[tokensMax];
    if (beyond) throw new Misuse('Syntax error: expression is too long', beyond.at);
  }

  parse(): Expr {
    const expr = this.#expression();
    const rest = this.#peek();
    if (rest.type !== 'end') throw unexpected(rest);
    return expr;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? end;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  /** The next token, if it is this mark. */
  #taken(mark: string): Token | undefined {
    const token = this.#peek();
    return token.type === 'mark' && token.text === mark ? this.#take() : undefined;
  }

  #expect(mark: string): Token {
    const token = this.#taken(mark);
    if (token) return token;
    const found = this.#peek();
    throw new Misuse(`Syntax error: mismatched input '${found.text}' expecting '${mark}'`, found.at);
  }

  /** Deep trees are refused before anybody walks them. */
  #made<Node extends Expr>(expr: Node, parts: readonly Expr[]): Node {
    const depth = 1 + parts.reduce((deepest, part) => Math.max(deepest, this.#depths.get(part) ?? 1), 0);
    if (depth > depthMax) throw new Misuse('Syntax error: expression is nested too deeply', expr.at);
    this.#depths.set(expr, depth);
    return expr;
  }

  #expression(): Expr {
    if (++this.#nesting > nestingMax) throw new Misuse('Syntax error: expression is nested too deeply', this.#peek().at);
    const condition = this.#chain('||', () => this.#chain('&&', () => this.#relation()));
    const question = this.#taken('?');
    if (!question) {
      this.#nesting--;
      return condition;
    }
    const yes = this.#chain('||', () => this.#chain('&&', () => this.#relation()));
    this.#expect(':');
    const parts = [condition, yes, this.#expression()];
    this.#nesting--;
    return this.#made(call('_?_:_', parts, question.at), parts);
  }

  /** `a && b && c …` as a tree of equal sides: however long, it is not deep. */
  #chain(operator: '&&' | '||', operand: () => Expr): Expr {
    const operands = [operand()];
    const places: number[] = [];
    for (let mark = this.#taken(operator); mark; mark = this.#taken(operator)) {
      places.push(mark.at);
      operands.push(operand());
    }
    const joined = (from: number, to: number): Expr => {
      const only = operands[from];
      if (only && to - from === 1) return only;
      const middle = from + Math.ceil((to - from) / 2);
      const sides = [joined(from, middle), joined(middle, to)];
      return this.#made(call(`_${operator}_`, sides, places[middle - 1] ?? 0), sides);
    };
    return joined(0, operands.length);
  }

  #relation(): Expr {
    return this.#operators(relations, () => this.#operators(sums, () => this.#operators(products, () => this.#unary())));
  }

  #operators(known: ReadonlySet<string>, operand: () => Expr): Expr {
    let left = operand();
    for (;;) {
      const { type, text, at } = this.#peek();
      if ((type !== 'mark' && text !== 'in') || !known.has(text)) return left;
      this.#next++;
      const sides = [left, operand()];
      left = this.#made(call(text === 'in' ? '@in' : `_${text}_`, sides, at), sides);
    }
  }

  /** A minus belongs to the number behind it: -9223372036854775808 is an int, without it there is none. */
  #unary(): Expr {
    const first = this.#peek();
    const mark = first.type === 'mark' && (first.text === '!' || first.text === '-') ? first.text : undefined;
    if (mark === undefined) return this.#member();
    let count = 0;
    while (this.#taken(mark)) count++;
    const literal = this.#peek();
    if (mark === '-' && literal.type === 'literal' && isSigned(literal.value)) {
      count--;
      return this.#negated('-', count, first, this.#member(literal.value));
    }
    return this.#negated(mark, count, first, this.#member());
  }

  /** Two cancel each other out. */
  #negated(mark: '!' | '-', count: number, { at }: Token, operand: Expr): Expr {
    return count % 2 === 0 ? operand : this.#made(call(`${mark}_`, [operand], at), [operand]);
  }

  #member(negative?: bigint | number): Expr {
    let expr = negative === undefined ? this.#primary() : this.#number(-negative, this.#take().at - 1);
    for (;;) {
      const dot = this.#taken('.');
      const open = dot ? undefined : this.#taken('[');
      if (dot) expr = this.#dotted(expr, dot);
      else if (open) {
        const isOptional = this.#taken('?') !== undefined;
        const parts = [expr, this.#expression()];
        this.#expect(']');
        expr = this.#made(call(isOptional ? '_[?_]' : '_[_]', parts, open.at), parts);
      } else return expr;
    }
  }

  #dotted(operand: Expr, dot: Token): Expr {
    const isOptional = this.#taken('?') !== undefined;
    const name = this.#take();
    if (name.text.startsWith('`')) throw new Misuse("unsupported syntax: '`'", name.at);
    if (name.type !== 'word' || words.has(name.text) || name.text === 'in') throw unexpected(name);
    if (isOptional) return this.#made(call('_?._', [operand, constant(name.text, name.at)], dot.at), [operand]);
    const open = this.#taken('(');
    if (open) return this.#method(operand, name.text, open);
    return this.#made({ op: 'select', operand, field: name.text, test: false, at: dot.at }, [operand]);
  }

  #method(target: Expr, name: string, { at }: Token): Expr {
    const args = this.#list(')', () => this.#expression());
    const path = dottedName(target);
    if (path !== undefined && this.#namespaced.has(`${path}.${name}`)) return this.#made(call(`${path}.${name}`, args, at), args);
    const macro = macroFor(name, args.length);
    const parts = [target, ...args];
    return this.#made(macro ? macro({ target, args, at, fail }) : memberCall(target, name, args, at), parts);
  }

  #primary(): Expr {
    const token = this.#take();
    if (token.type === 'literal') return this.#literal(token);
    if (token.type === 'word') return this.#word(token);
    switch (token.type === 'mark' ? token.text : '') {
      case '(': {
        const expr = this.#expression();
        this.#expect(')');
        return expr;
      }
      case '[':
        return this.#listLiteral(token);
      case '{':
        return this.#mapLiteral(token);
      case '.': {
        const name = this.#take();
        if (name.type !== 'word' || words.has(name.text)) throw unexpected(name);
        return this.#word(name, '.');
      }
      default:
        throw unexpected(token);
    }
  }

  #literal({ value, at }: Token): Expr {
    return typeof value === 'bigint' ? this.#number(value, at) : constant(value ?? null, at);
  }

  #number(value: bigint | number, at: number): Expr {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) throw new Misuse('invalid int literal', at);
    return constant(value, at);
  }

  /** A dot before a name means that of the outermost scope. */
  #word({ text, at }: Token, dot = ''): Expr {
    const value = words.get(text);
    if (value !== undefined) return constant(value, at);
    if (text === 'in') throw new Misuse(`Syntax error: mismatched input 'in'`, at);
    const open = this.#taken('(');
    if (open) return this.#global(text, open);
    if (notIdentifiers.has(text)) throw new Misuse(`reserved identifier: ${text}`, at);
    return ident(`${dot}${text}`, at);
  }

  #global(name: string, { at }: Token): Expr {
    const args = this.#list(')', () => this.#expression());
    if (name !== 'has' || args.length !== 1) return this.#made(call(name, args, at), args);
    const [operand] = args;
    if (operand?.op !== 'select') throw new Misuse('invalid argument to has() macro', operand?.at ?? at);
    return this.#made({ ...operand, test: true, at }, args);
  }

  #listLiteral({ at }: Token): Expr {
    const optional = new Set<number>();
    let index = 0;
    const items = this.#list(']', () => {
      if (this.#taken('?')) optional.add(index);
      index++;
      return this.#expression();
    });
    return this.#made({ op: 'list', items, at, ...(optional.size > 0 ? { optional } : {}) }, items);
  }

  #mapLiteral({ at }: Token): Expr {
    const entries = this.#list('}', (): MapEntry => {
      const isOptional = this.#taken('?') !== undefined;
      const key = this.#expression();
      const colon = this.#expect(':');
      const value = this.#expression();
      return isOptional ? [key, value, { at: colon.at }] : [key, value];
    });
    return this.#made(
      { op: 'map', entries, at },
      entries.flatMap(([key, value]) => [key, value]),
    );
  }

  /** Up to a closing mark. A comma may stand before it in literals. */
  #list<Item>(close: ')' | ']' | '}', read: () => Item): readonly Item[] {
    const items: Item[] = [];
    if (this.#taken(close)) return items;
    // `[,]` is an empty list.
    if (close !== ')' && this.#peek().text === ',' && this.#tokens[this.#next + 1]?.text === close) {
      this.#next += 2;
      return items;
    }
    for (;;) {
      items.push(read());
      const comma = this.#taken(',');
      if (comma && close !== ')' && this.#taken(close)) return items;
      if (comma) continue;
      this.#expect(close);
      return items;
    }
  }
}

const end: Token = { type: 'end', text: '<EOF>', at: 0 };

const isSigned = (value: unknown): value is bigint | number => typeof value === 'bigint' || typeof value === 'number';

const unexpected = ({ text, at }: Token): Misuse => new Misuse(`Syntax error: mismatched input '${text}'`, at);

function fail(message: string, at: number): never {
  throw new Misuse(message, at);
}

function dottedName(expr: Expr): string | undefined {
  if (expr.op === 'ident') return expr.name;
  if (expr.op !== 'select' || expr.test) return undefined;
  const path = dottedName(expr.operand);
  return path === undefined ? undefined : `${path}.${expr.field}`;
}
