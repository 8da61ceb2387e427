import type { JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';

export type PatchResult =
  | { readonly type: 'patched'; readonly object: JsonObject }
  /** Well-formed, but it does not fit this target: a missing path, a failed test. Answered 422. */
  | { readonly type: 'unfitting'; readonly message: string }
  /** No patch at all. Answered 400. */
  | { readonly type: 'malformed'; readonly message: string };

export type StrategicPatchResult =
  | PatchResult
  /** It makes of the target what its type cannot hold. Upstream finds the patch invalid then, not the object. Answered 422. */
  | { readonly type: 'untyped'; readonly cause: StatusCause };
