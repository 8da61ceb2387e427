export type { Json, JsonObject } from './json.ts';
export { equalJson } from './equal-json.ts';
export type { Condition, KubeObject, ObjectMeta, OwnerReference } from './kube-object.ts';
export { groupResource, type ResourceKey } from './resource-key.ts';
export type { CompiledSchema } from './schema/compiled-schema.ts';
export type { BoundProvider, KindSource, KubeVerb, NameRule, PrinterColumn, ServedKind, ServedVersion } from './served-kind.ts';
export {
  httpCodeOf,
  invalidMessage,
  statusFailure,
  type CauseReason,
  type StatusCause,
  type StatusDetails,
  type StatusFailure,
  type StatusReason,
} from './status-failure.ts';
