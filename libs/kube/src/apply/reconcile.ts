import { ownedLeaf, type FieldNode, type FieldSet } from './field-set.ts';
import { fieldTypeIn, type FieldType } from './field-type.ts';
import type { PathElement } from './path-element.ts';
import { isShapeless } from './type-of-schema.ts';

/**
 * The set as today's schema has it: whoever owned something inside what has become atomic owns all of it. The other
 * direction needs nothing. Answers the same set where nothing changed.
 */
export function reconcileWithType(set: FieldSet, type: FieldType): FieldSet {
  let all: Map<PathElement, FieldNode> | undefined;
  for (const [element, node] of set) {
    const inside = typeBelow(type, element);
    if (inside === undefined) continue;
    const reconciled = reconcileNode(node, inside);
    if (reconciled !== node) (all ??= new Map(set)).set(element, reconciled);
  }
  return all ?? set;
}

function reconcileNode(node: FieldNode, type: FieldType): FieldNode {
  const { map, scalar, list } = type;
  if (node.below === undefined) return !node.owned && map === undefined && list?.atomic === true ? ownedLeaf : node;
  if (map !== undefined) {
    if (isShapeless(map)) return node;
    if (map.atomic) return ownedLeaf;
  } else if (scalar !== undefined) return node;
  else if (list?.atomic === true) return ownedLeaf;
  const below = reconcileWithType(node.below, type);
  return below === node.below ? node : { owned: node.owned, below };
}

/** The type that a step leads to. Upstream looks at the map first, then at the list. */
function typeBelow({ map, scalar, list }: FieldType, element: PathElement): FieldType | undefined {
  if (map !== undefined) return isShapeless(map) ? undefined : element.startsWith('f:') ? fieldTypeIn(map, element.slice(2)) : map.element;
  return scalar === undefined ? list?.element : undefined;
}
