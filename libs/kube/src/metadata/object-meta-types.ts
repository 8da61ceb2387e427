import type { Json } from '../json.ts';
import { compileNode } from '../schema/compile-node.ts';
import type { Checking } from '../schema/checking.ts';
import { checkValue } from '../schema/validate-value.ts';
import type { StatusCause } from '../status-failure.ts';
import { objectMetaSchema } from './object-meta-schema.ts';

const objectMetaNode = compileNode(objectMetaSchema);

/** Fields of the wrong type: `metadata.labels.a: Invalid value: "integer": … must be of type string: "integer"`. Absent or null is fine. */
export function objectMetaTypeCauses(metadata: Json | undefined, at = 'metadata'): readonly StatusCause[] {
  if (metadata === undefined || metadata === null) return [];
  const checking: Checking = { path: [at], causes: [], matches: 0 };
  checkValue(checking, objectMetaNode, metadata, undefined);
  return checking.causes;
}
