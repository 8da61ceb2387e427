import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { call, constant, ident, memberCall, type Expr } from './expression.ts';
import { macroFor } from './macros.ts';
import { Uint } from './values.ts';

/** A mistake in a rule's text. `at` is an offset in UTF-16 units. */
export type Mistake = { readonly at: number; readonly message: string };

export type Parsed = { readonly ok: true; readonly expr: Expr } | { readonly ok: false; readonly mistake: Mistake };

/** Deep or huge rules would exhaust whoever walks them. */
const limits = { maxAstNodes: 10_000, maxDepth: 250, maxListElements: 5_000, maxMapEntries: 5_000, maxCallArguments: 32 };
/** Whoever walks the tree uses a few frames of the stack for each level. */
const depthMax = 300;
const parser = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits });

class Misuse extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Reads CEL text. `namespaced` are functions whose names have dots: `optional.of`. */
export function parseExpression(text: string, namespaced: ReadonlySet<string>): Parsed {
  try {
    return { ok: true, expr: new Reader(text, namespaced).read(parser.parse(text).ast) };
  } catch (error) {
    if (error instanceof Misuse) return { ok: false, mistake: { at: error.at, message: error.message } };
    if (error instanceof ParseError) {
      const message = error.code === 'invalid_macro_argument' ? 'argument must be a simple name' : `Syntax error: ${error.summary}`;
      return { ok: false, mistake: { at: error.range?.start ?? 0, message } };
    }
    if (error instanceof RangeError) return { ok: false, mistake: { at: 0, message: 'Syntax error: expression is nested too deeply' } };
    throw error;
  }
}

/** Turns the parser's tree into ours, macros unfolded, mistakes placed where upstream's compiler places them. */
class Reader {
  readonly #text: string;
  readonly #namespaced: ReadonlySet<string>;
  #depth = 0;

  constructor(text: string, namespaced: ReadonlySet<string>) {
    this.#text = text;
    this.#namespaced = namespaced;
  }

  read(node: ASTNode): Expr {
    if (++this.#depth > depthMax) throw new Misuse('Syntax error: expression is nested too deeply', node.start);
    const expr = this.#read(node);
    this.#depth--;
    return expr;
  }

  #read(node: ASTNode): Expr {
    switch (node.op) {
      case 'value':
        return this.#constant(node.args, node);
      case 'id':
        return ident(node.args, node.start);
      case '.':
        return { op: 'select', operand: this.read(node.args[0]), field: node.args[1], test: false, at: this.#before('.', node.pos) };
      case '.?':
        return call('_?._', [this.read(node.args[0]), constant(node.args[1], node.pos)], this.#before('.', node.pos));
      case '[]':
        return call('_[_]', this.#all(node.args), this.#after('[', node.args[0].end));
      case '[?]':
        return call('_[?_]', this.#all(node.args), this.#after('[', node.args[0].end));
      case 'list':
        return { op: 'list', items: this.#all(node.args), at: node.start };
      case 'map':
        return { op: 'map', entries: node.args.map(([key, value]) => [this.read(key), this.read(value)] as const), at: node.start };
      case '?:':
        return call('_?_:_', this.#all(node.args), this.#after('?', node.args[0].end));
      case '!_':
        return call('!_', [this.read(node.args)], node.start);
      case '-_':
        return this.#negative(node.args, node.start);
      case 'call':
        return this.#global(node.args[0], node.args[1], node);
      case 'rcall':
        return this.#member(node.args[0], node.args[1], node.args[2]);
      case '||':
      case '&&':
        return this.#chain(node.op, node);
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'in':
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return this.#operator(node.op, node.args);
    }
  }

  #all(nodes: readonly ASTNode[]): readonly Expr[] {
    return nodes.map((node) => this.read(node));
  }

  /** `a && b && c …` as a tree of equal sides: however long, it is not deep. */
  #chain(operator: '&&' | '||', node: ASTNode): Expr {
    const terms: ASTNode[] = [];
    let left = node;
    while (left.op === operator) {
      const [next, right] = left.args as readonly [ASTNode, ASTNode];
      terms.push(right);
      left = next;
    }
    terms.push(left);
    const operands = terms.toReversed().map((term) => ({ expr: this.read(term), end: term.end }));
    const joined = (from: number, to: number): Expr => {
      const only = operands[from];
      if (only && to - from === 1) return only.expr;
      const middle = from + Math.ceil((to - from) / 2);
      const at = this.#after(operator, operands[middle - 1]?.end ?? 0);
      return call(`_${operator}_`, [joined(from, middle), joined(middle, to)], at);
    };
    return joined(0, operands.length);
  }

  #operator(operator: string, [left, right]: readonly [ASTNode, ASTNode]): Expr {
    const at = this.#after(operator, left.end);
    return call(operator === 'in' ? '@in' : `_${operator}_`, [this.read(left), this.read(right)], at);
  }

  #constant(value: unknown, { start: at, end }: ASTNode): Expr {
    const unsigned = unsignedValue(value);
    if (unsigned !== undefined) return constant(new Uint(unsigned), at);
    if (typeof value === 'bigint' && value > 9223372036854775807n) throw new Misuse('Syntax error: invalid int literal', at);
    if (value === null) return constant(value, at);
    if (value instanceof Uint8Array) return constant(this.#bytes(value, at, end), at);
    if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') {
      return constant(value, at);
    }
    throw new Misuse('Syntax error: unsupported literal', at);
  }

  /** The parser takes one byte of each character; what is not ASCII is longer in UTF-8. */
  #bytes(value: Uint8Array, at: number, end: number): Uint8Array {
    const literal = this.#text.slice(at, end);

    if (/^[\x00-\x7f]*$/.test(literal)) return value;
    const inner = /^[bB]["'](.*)["']$/s.exec(literal)?.[1];
    if (inner === undefined || /\\|^["']/.test(inner)) throw new Misuse('Syntax error: bytes beyond ASCII must be plain', at);
    return new TextEncoder().encode(inner);
  }

  /** A minus belongs to the number behind it: -9223372036854775808 is an int, without it there is none. */
  #negative(operand: ASTNode, at: number): Expr {
    if (operand.op === 'value') {
      const value: unknown = operand.args;
      if (typeof value === 'bigint' && value <= 9223372036854775808n) return constant(-value, at);
      if (typeof value === 'number') return constant(-value, at);
    }
    return call('-_', [this.read(operand)], at);
  }

  #global(name: string, args: readonly ASTNode[], node: ASTNode): Expr {
    const at = this.#after('(', node.start);
    if (name !== 'has' || args.length !== 1) return call(name, this.#all(args), at);
    const [operand] = this.#all(args);
    if (operand?.op !== 'select') throw new Misuse('invalid argument to has() macro', operand?.at ?? at);
    return { ...operand, test: true, at };
  }

  #member(name: string, receiver: ASTNode, nodes: readonly ASTNode[]): Expr {
    const at = this.#after('(', this.#after(name, this.#after('.', receiver.end)));
    const target = this.read(receiver);
    const args = this.#all(nodes);
    const use = { target, args, at, fail };
    const path = dottedName(target);
    if (path !== undefined && this.#namespaced.has(`${path}.${name}`)) return call(`${path}.${name}`, args, at);
    const macro = macroFor(name, args.length);
    return macro ? macro(use) : memberCall(target, name, args, at);
  }

  /** Where a token stands behind an offset; between operands there are only blanks, parentheses and comments. */
  #after(token: string, offset: number): number {
    const found = this.#text.indexOf(token, offset);
    return found < 0 ? offset : found;
  }

  #before(token: string, offset: number): number {
    const found = this.#text.lastIndexOf(token, offset);
    return found < 0 ? offset : found;
  }
}

/** The parser's own class for `1u` is not among its exported types; no other literal is worth a bigint. */
function unsignedValue(value: unknown): bigint | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const worth: unknown = value.valueOf();
  return typeof worth === 'bigint' ? worth : undefined;
}

function fail(message: string, at: number): never {
  throw new Misuse(message, at);
}

function dottedName(expr: Expr): string | undefined {
  if (expr.op === 'ident') return expr.name;
  if (expr.op !== 'select' || expr.test) return undefined;
  const path = dottedName(expr.operand);
  return path === undefined ? undefined : `${path}.${expr.field}`;
}
