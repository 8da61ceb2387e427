import type { Json } from '../json.ts';
import type { TreeFinding } from './inspect-tree.ts';

/** Deeper nesting than any schema in the field needs, and shallow enough for recursive code behind this door. */
export const nestingMax = 256;

/** `message` of a malformed body is Go's text for it, without the prefix that each endpoint puts before it. */
export type DecodedBody =
  | { readonly type: 'decoded'; readonly value: Json; readonly duplicateFields: readonly string[] }
  | { readonly type: 'malformed'; readonly message: string };

export function unsoundMessage(finding: Exclude<TreeFinding, { type: 'sound' }>): string {
  switch (finding.type) {
    case 'tooDeep':
      return `exceeded max depth of ${nestingMax}`;
    case 'prototypeKey':
      return `field ${JSON.stringify(finding.path)} is not allowed`;
    case 'notFinite':
      return `field ${JSON.stringify(finding.path)} holds a number that is too large`;
  }
}
