import { compareElements, elementText, type PathElement } from './path-element.ts';

/**
 * A set of fields: a tree of path elements. A node that is `owned` is a member; one that is not only leads to members.
 * There are no nodes that do neither. Sets never change; what did not differ is shared between them.
 */
export type FieldSet = ReadonlyMap<PathElement, FieldNode>;
export type FieldNode = { readonly owned: boolean; readonly below: FieldSet | undefined };
export type Path = readonly PathElement[];

export const noFields: FieldSet = new Map();
export const ownedLeaf: FieldNode = { owned: true, below: undefined };

/** A node, or nothing where it would neither be owned nor lead anywhere. */
export function fieldNode(owned: boolean, below: FieldSet | undefined): FieldNode | undefined {
  if (below === undefined || below.size === 0) return owned ? ownedLeaf : undefined;
  return { owned, below };
}

export function fieldSetOf(...paths: readonly Path[]): FieldSet {
  return paths.map((path) => new Map([[path[0] as PathElement, nodeAt(path)]])).reduce<FieldSet>(union, noFields);
}

function nodeAt(path: Path): FieldNode {
  return path.length === 1 ? ownedLeaf : { owned: false, below: new Map([[path[1] as PathElement, nodeAt(path.slice(1))]]) };
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || a === b) return b;
  if (b.size === 0) return a;
  const all = new Map(a);
  for (const [element, node] of b) {
    const known = all.get(element);
    all.set(element, known === undefined ? node : { owned: known.owned || node.owned, below: unionBelow(known.below, node.below) });
  }
  return all;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const both = new Map<PathElement, FieldNode>();
  const [fewer, more] = a.size <= b.size ? [a, b] : [b, a];
  for (const [element, node] of fewer) {
    const other = more.get(element);
    if (other === undefined) continue;
    const below = node.below !== undefined && other.below !== undefined ? intersection(node.below, other.below) : undefined;
    const kept = fieldNode(node.owned && other.owned, below);
    if (kept !== undefined) both.set(element, kept);
  }
  return both;
}

/** The members of `a` that are not members of `b`. A member of `b` takes nothing below it away. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return without(a, b, (node, other) =>
    fieldNode(
      node.owned && !other.owned,
      node.below !== undefined && other.below !== undefined ? difference(node.below, other.below) : node.below,
    ),
  );
}

/** The members of `a` that are neither members of `b` nor below one. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return without(a, b, (node, other) => {
    if (other.owned) return undefined;
    return fieldNode(
      node.owned,
      node.below !== undefined && other.below !== undefined ? recursiveDifference(node.below, other.below) : node.below,
    );
  });
}

/** `a` itself where nothing goes away. */
function without(a: FieldSet, b: FieldSet, rest: (node: FieldNode, other: FieldNode) => FieldNode | undefined): FieldSet {
  let left: Map<PathElement, FieldNode> | undefined;
  const [fewer, more] = a.size <= b.size ? [a, b] : [b, a];
  for (const element of fewer.keys()) {
    if (!more.has(element)) continue;
    const node = a.get(element) as FieldNode;
    const kept = rest(node, b.get(element) as FieldNode);
    if (kept !== undefined && kept.owned === node.owned && kept.below === node.below) continue;
    left ??= new Map(a);
    if (kept === undefined) left.delete(element);
    else left.set(element, kept);
  }
  return left ?? a;
}

export function equalSets(a: FieldSet | undefined, b: FieldSet | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.size !== b.size) return false;
  for (const [element, node] of a) {
    const other = b.get(element);
    if (other === undefined || other.owned !== node.owned || !equalSets(node.below, other.below)) return false;
  }
  return true;
}

/** Whether every member of `part` is a member of `all`. */
export function hasAllOf(all: FieldSet | undefined, part: FieldSet | undefined): boolean {
  if (part === undefined || all === part) return true;
  if (all === undefined || all.size < part.size) return false;
  for (const [element, node] of part) {
    const other = all.get(element);
    if (other === undefined || (node.owned && !other.owned) || !hasAllOf(other.below, node.below)) return false;
  }
  return true;
}

export function hasPath(set: FieldSet, path: Path): boolean {
  let below: FieldSet | undefined = set;
  for (const [index, element] of path.entries()) {
    const node: FieldNode | undefined = below?.get(element);
    if (node === undefined) return false;
    if (index === path.length - 1) return node.owned;
    below = node.below;
  }
  return false;
}

/** Every member, in upstream's order: the members of a node first, then what is below them. */
export function pathsOf(set: FieldSet, prefix: Path = []): Path[] {
  const elements = [...set.keys()].sort(compareElements);
  const members = elements.filter((element) => set.get(element)?.owned).map((element) => [...prefix, element]);
  const deeper = elements.flatMap((element) => {
    const below = set.get(element)?.below;
    return below === undefined ? [] : pathsOf(below, [...prefix, element]);
  });
  return [...members, ...deeper];
}

/** `.spec.items[name="x"].value` */
export const pathText = (path: Path): string => path.map(elementText).join('');

function unionBelow(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : union(a, b);
}
