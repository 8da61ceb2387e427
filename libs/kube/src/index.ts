export { base64Fault } from './base64-fault.ts';
export type { Json, JsonObject } from './json.ts';
export { bindingCauses } from './admission/check-binding.ts';
export { policyCauses } from './admission/check-policy.ts';
export { readBindingSpec, readPolicySpec } from './admission/policy-spec.ts';
export { screen, type BoundPolicy, type FindParams, type Screening } from './admission/screen.ts';
export { typeWarnings, type ExpressionWarning } from './admission/type-warnings.ts';
export type { RequestedResource, Write } from './admission/write.ts';
export { equalJson } from './equal-json.ts';
export { answererOf } from './health/answerer-of.ts';
export { healthOf, type Health, type Turn } from './health/health-of.ts';
export { withHealthColumn } from './health/health-column.ts';
export { readinessOf, type HealthWord } from './health/verdict.ts';
export type { Condition, KubeObject, ObjectMeta, OwnerReference } from './kube-object.ts';
export { quantityParts } from './cel/functions/quantity.ts';
export { groupResource, type ResourceKey } from './resource-key.ts';
export type { CompiledSchema } from './schema/compiled-schema.ts';
export type { TakenNames } from './definition/accept-names.ts';
export { customKind, refreshed, relabelled } from './definition/custom-kind.ts';
export {
  definitionFinalizer,
  definitionsGroup,
  definitionsName,
  definitionsResource,
  isEstablished,
  specOfDefinition,
  statusOfDefinition,
  withSchemas,
  type DefinitionNames,
  type DefinitionSpec,
} from './definition/definition.ts';
export { completeDefinition } from './definition/complete-definition.ts';
export { allVerbs, declaredKind, type DeclaredVersion } from './definition/declared-kind.ts';
export { definitionWarnings } from './definition/definition-warnings.ts';
export { definitionStatus, emptyingStatus, keptStatus, terminatingStatus } from './definition/definition-status.ts';
export { withKnownKeywords } from './definition/known-keywords.ts';
export { validateDefinition } from './definition/validate-definition.ts';
export { scaleCauses } from './definition/validate-scale.ts';
export type {
  BoundProvider,
  ConversionWebhook,
  KindSource,
  KubeVerb,
  NameRule,
  PrinterColumn,
  ScalePaths,
  ServedKind,
  ServedVersion,
} from './served-kind.ts';
export { patchedScaleOf, scaleApiVersion, scaleColumns, scaleFault, scaleKind, scaleOf, withScale } from './scale/scale.ts';
export { applyScale, ownersAfterScale, type ScaleWrite } from './scale/scale-owners.ts';
export { byVersionPriority } from './version-priority.ts';
export {
  invalidMessage,
  statusFailure,
  type CauseReason,
  type StatusCause,
  type StatusDetails,
  type StatusFailure,
  type StatusReason,
} from './status-failure.ts';
export { decodeBody, type BodyMediaType } from './decode/decode-body.ts';
export { nestingMax, type DecodedBody } from './decode/decoded.ts';
export { decodeProtobuf, hasProtobuf } from './protobuf/decode-protobuf.ts';
export { repeatedKeyLines, type RepeatedKey } from './decode/repeated-keys.ts';
export { yamlText } from './decode/write-yaml.ts';
export { jsonSyntaxError } from './decode/json-syntax-error.ts';
export {
  labelsMatch,
  parseLabelSelector,
  type LabelRequirement,
  type Labels,
  type ParsedLabelSelector,
} from './selectors/label-selector.ts';
export {
  fieldsMatch,
  parseFieldSelector,
  selectedName,
  type FieldSubject,
  type FieldTerm,
  type ParsedFieldSelector,
} from './selectors/field-selector.ts';
export { applyMergePatch, goTypeOf } from './patch/merge-patch.ts';
export { applyJsonPatch, operationsMax } from './patch/json-patch.ts';
export { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
export type { StrategicPatchResult } from './patch/patch-result.ts';
export {
  partialObjectMetadata,
  tableColumns,
  tableRow,
  type IncludeObject,
  type TableColumns,
  type TableRow,
  type TableVersion,
} from './table/table.ts';
export {
  negotiateAccept,
  negotiateOpenApiV2,
  openApiV2Protobuf,
  type Negotiation,
  type Offer,
  type Representation,
  type Transform,
} from './negotiation/accept.ts';
export {
  negotiateBody,
  negotiatePatch,
  negotiateTypedBody,
  type ContentNegotiation,
  type PatchMediaType,
} from './negotiation/content-type.ts';
export { labelValueProblems, qualifiedNameProblems } from './metadata/names.ts';
export { compileSchema } from './schema/compile-schema.ts';
export { anyStep, secretFieldsOf, type FieldPattern } from './schema/secret-fields.ts';
export { goPlain } from './schema/go-text.ts';
export { withHealthStatus, type HealthSchema } from './schema/with-health-status.ts';
export { validateStructuralSchema } from './schema/validate-structural.ts';
export { generateName, type RandomInt } from './metadata/generate-name.ts';
export { dedupeOwnerReferences } from './metadata/object-meta-schema.ts';
export { objectMetaTypeCauses } from './metadata/object-meta-types.ts';
export { finalizerWarnings, validateObjectMeta, validateObjectMetaUpdate, type MetadataRule } from './metadata/validate-metadata.ts';
export { gnosticV2 } from './openapi/gnostic-v2.ts';
export { openApiV2 } from './openapi/open-api-v2.ts';
export { openApiV3 } from './openapi/open-api-v3.ts';
export { openApiHash, type OpenApiEdition, type OpenApiPart } from './openapi/edition.ts';
export {
  applyConfiguration,
  fieldsReset,
  managedAfterUpdate,
  type Applied,
  type ManagedFields,
  type TrackedWrite,
} from './apply/field-tracking.ts';
export { sameOwnership, withEntry } from './apply/managed-fields.ts';
export type { Versions } from './apply/owners.ts';
export { fieldTypeOf, objectTypeOf } from './apply/type-of-schema.ts';
