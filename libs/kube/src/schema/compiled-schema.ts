import type { JsonObject } from '../json.ts';
import type { StatusCause } from '../status-failure.ts';

/** A structural schema made ready once and shared by all workspaces that serve it. */
export interface CompiledSchema {
  /** The openAPIV3Schema as its author wrote it. */
  readonly source: JsonObject;
  /**
   * Returns the object without fields that the schema does not know, and their paths (`spec.bogus`), in document order.
   * apiVersion, kind and metadata are left alone at the root; metadata is pruned to ObjectMeta (`metadata.foo`).
   */
  prune(object: JsonObject): { readonly object: JsonObject; readonly unknown: readonly string[] };
  /** Returns the object with the schema's defaults filled in; non-nullable nulls give way to defaults or vanish. */
  default(object: JsonObject): JsonObject;
  /** Every violation, in upstream's words and order. `old`, on update, lets unchanged violations pass (ratcheting). */
  validate(object: JsonObject, old?: JsonObject): readonly StatusCause[];
  /** What stands behind a schema that is compiled on demand: what is derived from it is let go together with this. */
  readonly now?: () => CompiledSchema;
}
