import { bytes, either, flag, integer, json, kept, listOf, mapOf, message, nested, number, text, time, type Message } from './message.ts';

/** A CustomResourceDefinition, as the clientset of `k8s.io/apiextensions-apiserver` sends it. */
export function definitionMessage(objectMeta: Message): Message {
  return message({
    metadata: nested(1, objectMeta),
    spec: nested(
      2,
      message({
        group: kept(text(1)),
        names: nested(3, names),
        scope: kept(text(4)),
        versions: listOf(nested(7, version)),
        conversion: nested(9, conversion),
        preserveUnknownFields: flag(10),
      }),
    ),
    status: nested(
      3,
      message({
        conditions: listOf(nested(1, condition)),
        acceptedNames: nested(2, names),
        storedVersions: listOf(text(3)),
        observedGeneration: integer(4),
      }),
    ),
  });
}

const names = message({
  plural: kept(text(1)),
  singular: text(2),
  shortNames: listOf(text(3)),
  kind: kept(text(4)),
  listKind: text(5),
  categories: listOf(text(6)),
});

const condition = message({
  type: kept(text(1)),
  status: kept(text(2)),
  lastTransitionTime: time(3),
  reason: text(4),
  message: text(5),
  observedGeneration: integer(6),
});

const rule = message({
  rule: kept(text(1)),
  message: text(2),
  messageExpression: text(3),
  reason: kept(text(4)),
  fieldPath: text(5),
  optionalOldSelf: kept(flag(6)),
});

/** Schemas hold schemas. */
const schema: Message = { fields: new Map() };
const schemaOrFlag = message({ allows: kept(flag(1)), schema: nested(2, schema) });
const schemaOrSchemas = message({ schema: nested(1, schema), schemas: listOf(nested(2, schema)) });
const schemaOrTexts = message({ schema: nested(1, schema), property: listOf(text(2)) });

const declared = message({
  id: text(1),
  $schema: text(2),
  $ref: kept(text(3)),
  description: text(4),
  type: text(5),
  format: text(6),
  title: text(7),
  default: json(8),
  maximum: kept(number(9)),
  exclusiveMaximum: flag(10),
  minimum: kept(number(11)),
  exclusiveMinimum: flag(12),
  maxLength: kept(integer(13)),
  minLength: kept(integer(14)),
  pattern: text(15),
  maxItems: kept(integer(16)),
  minItems: kept(integer(17)),
  uniqueItems: flag(18),
  multipleOf: kept(number(19)),
  enum: listOf(json(20)),
  maxProperties: kept(integer(21)),
  minProperties: kept(integer(22)),
  required: listOf(text(23)),
  items: either(24, schemaOrSchemas),
  allOf: listOf(nested(25, schema)),
  oneOf: listOf(nested(26, schema)),
  anyOf: listOf(nested(27, schema)),
  not: nested(28, schema),
  properties: mapOf(nested(29, schema)),
  additionalProperties: kept(either(30, schemaOrFlag)),
  patternProperties: mapOf(nested(31, schema)),
  dependencies: mapOf(either(32, schemaOrTexts)),
  additionalItems: kept(either(33, schemaOrFlag)),
  definitions: mapOf(nested(34, schema)),
  externalDocs: nested(35, message({ description: text(1), url: text(2) })),
  example: json(36),
  nullable: flag(37),
  'x-kubernetes-preserve-unknown-fields': kept(flag(38)),
  'x-kubernetes-embedded-resource': flag(39),
  'x-kubernetes-int-or-string': flag(40),
  'x-kubernetes-list-map-keys': listOf(text(41)),
  'x-kubernetes-list-type': kept(text(42)),
  'x-kubernetes-map-type': kept(text(43)),
  'x-kubernetes-validations': listOf(nested(44, rule)),
});
for (const [at, field] of declared.fields) (schema.fields as Map<number, typeof field>).set(at, field);

const column = message({
  name: kept(text(1)),
  type: kept(text(2)),
  format: text(3),
  description: text(4),
  priority: integer(5),
  jsonPath: kept(text(6)),
});

const scale = message({ specReplicasPath: kept(text(1)), statusReplicasPath: kept(text(2)), labelSelectorPath: kept(text(3)) });

const version = message({
  name: kept(text(1)),
  served: kept(flag(2)),
  storage: kept(flag(3)),
  schema: nested(4, message({ openAPIV3Schema: nested(1, schema) })),
  subresources: nested(5, message({ status: nested(1, message({})), scale: nested(2, scale) })),
  additionalPrinterColumns: listOf(nested(6, column)),
  deprecated: flag(7),
  deprecationWarning: kept(text(8)),
  selectableFields: listOf(nested(9, message({ jsonPath: kept(text(1)) }))),
});

const service = message({ namespace: kept(text(1)), name: kept(text(2)), path: kept(text(3)), port: kept(integer(4)) });

const conversion = message({
  strategy: kept(text(1)),
  webhook: nested(
    2,
    message({
      clientConfig: nested(2, message({ service: nested(1, service), caBundle: bytes(2), url: kept(text(3)) })),
      conversionReviewVersions: listOf(text(3)),
    }),
  ),
});
