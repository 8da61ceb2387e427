import { applyPatch, type Operation } from 'rfc6902';
import type { Json, JsonObject } from '../json.ts';
import { equalJson } from '../equal-json.ts';
import { goTypeOf } from './merge-patch.ts';
import type { PatchResult } from './patch-result.ts';

/** How many operations one patch may have, as upstream has it. */
export const operationsMax = 10_000;

/** What all `copy` operations of one patch may add, in characters of JSON: doubling a document by each of them must stay harmless. */
const copiedMax = 3 * 1024 * 1024;

/**
 * RFC 6902 to the letter, all operations or none. The library changes values in place and takes some pointers loosely,
 * so it works on a copy, and only after each operation has been checked against the document as it stands.
 */
export function applyJsonPatch(target: JsonObject, operations: unknown): PatchResult {
  if (!Array.isArray(operations))
    return malformed(`error decoding patch: json: cannot unmarshal ${goTypeOf(operations)} into Go value of type []handlers.jsonPatchOp`);
  if (operations.length > operationsMax)
    return malformed(`The allowed maximum operations in a JSON patch is ${operationsMax}, got ${operations.length}`);
  // The document hangs below a key of its own, so that operations on the whole document are operations like any other.
  const held: Held = { document: structuredClone(target) as Json };
  let copied = 0;
  for (const candidate of operations as readonly unknown[]) {
    const operation = readOperation(candidate);
    if (typeof operation === 'string') return malformed(operation);
    if (!fits(operation, held)) return unfitting;
    if (operation.op === 'test') continue;
    if (operation.op === 'copy') copied += JSON.stringify(lookUp(held, operation.from)).length;
    if (copied > copiedMax || applyPatch(held, [toLibrary(operation)])[0] !== null) return unfitting;
  }
  const { document } = held;
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return unfitting;
  return { type: 'patched', object: document as JsonObject };
}

type Held = { document: Json };
type Tokens = readonly string[];
type PatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Tokens; readonly value: Json }
  | { readonly op: 'remove'; readonly path: Tokens }
  | { readonly op: 'move' | 'copy'; readonly path: Tokens; readonly from: Tokens };

const malformed = (message: string): PatchResult => ({ type: 'malformed', message });
const unfitting: PatchResult = { type: 'unfitting', message: 'the server rejected our request due to an error in our request' };

/** Answers the operation with its pointers split, or what is wrong with it. */
function readOperation(candidate: unknown): PatchOperation | string {
  if (typeof candidate !== 'object' || candidate === null || Array.isArray(candidate))
    return `error decoding patch: json: cannot unmarshal ${goTypeOf(candidate)} into Go value of type handlers.jsonPatchOp`;
  const { op, path, from } = candidate as Readonly<Record<string, unknown>>;
  const pathTokens = pointerTokens(path);
  if (pathTokens === undefined) return `error decoding patch: ${JSON.stringify(path) ?? 'a missing path'} is not a JSON pointer`;
  switch (op) {
    case 'add':
    case 'replace':
    case 'test': {
      const { value } = candidate as { value?: Json };
      return value === undefined ? `error decoding patch: operation ${op} needs a value` : { op, path: pathTokens, value };
    }
    case 'remove':
      return { op, path: pathTokens };
    case 'move':
    case 'copy': {
      const fromTokens = pointerTokens(from);
      return fromTokens === undefined
        ? `error decoding patch: ${JSON.stringify(from) ?? 'a missing from'} is not a JSON pointer`
        : { op, path: pathTokens, from: fromTokens };
    }
    default:
      return `error decoding patch: unknown operation ${JSON.stringify(op) ?? 'without op'}`;
  }
}

function pointerTokens(pointer: unknown): Tokens | undefined {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')) || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function fits(operation: PatchOperation, held: Held): boolean {
  if (operation.path.some(isPrototypeKey)) return false;
  switch (operation.op) {
    case 'add':
      return canReceive(held, operation.path);
    case 'replace':
    case 'remove':
      return lookUp(held, operation.path) !== undefined && !(operation.op === 'remove' && operation.path.length === 0);
    case 'test': {
      const found = lookUp(held, operation.path);
      return found !== undefined && equalJson(found, operation.value);
    }
    case 'move':
    case 'copy':
      return !operation.from.some(isPrototypeKey) && lookUp(held, operation.from) !== undefined && canMove(operation, held);
  }
}

function canMove({ op, from, path }: { op: 'move' | 'copy'; from: Tokens; path: Tokens }, held: Held): boolean {
  if (op === 'copy') return canReceive(held, path);
  const isInside = from.length < path.length && from.every((token, index) => token === path[index]);
  if (isInside || from.length === 0) return false;
  // The source leaves first: an index behind it in the same list is one less.
  const list = lookUp(held, path.slice(0, -1));
  const sameList = Array.isArray(list) && from.length === path.length && from.slice(0, -1).every((token, index) => token === path[index]);
  return canReceive(held, path) && !(sameList && Number(path.at(-1)) > list.length - 1);
}

/** `constructor` and `prototype` would be harmless as keys, but the library steps over them silently. */
const isPrototypeKey = (token: string): boolean => token === '__proto__' || token === 'constructor' || token === 'prototype';

/** The value at a pointer that exists, by own keys and exact indexes only. */
function lookUp({ document }: Held, tokens: Tokens): Json | undefined {
  let value: Json | undefined = document;
  for (const token of tokens) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) value = isIndex(token) ? (value as readonly Json[])[Number(token)] : undefined;
    else value = Object.hasOwn(value, token) ? (value as JsonObject)[token] : undefined;
  }
  return value;
}

function canReceive(held: Held, tokens: Tokens): boolean {
  const last = tokens.at(-1);
  if (last === undefined) return true;
  const parent = lookUp(held, tokens.slice(0, -1));
  if (typeof parent !== 'object' || parent === null) return false;
  return !Array.isArray(parent) || last === '-' || (isIndex(last) && Number(last) <= parent.length);
}

const isIndex = (token: string): boolean => /^(0|[1-9]\d{0,8})$/.test(token);

function toLibrary(operation: PatchOperation): Operation {
  const path = toPointer(operation.path);
  switch (operation.op) {
    case 'move':
    case 'copy':
      return { op: operation.op, path, from: toPointer(operation.from) };
    case 'remove':
      return { op: 'remove', path };
    case 'add':
    case 'replace':
    case 'test':
      return { op: operation.op, path, value: operation.value };
  }
}

const toPointer = (tokens: Tokens): string =>
  ['/document', ...tokens.map((token) => token.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
