import type { JsonObject } from '#kube';

/** Short ways to write the schemas of our own kinds. */
export const string = (description: string, more: JsonObject = {}): JsonObject => ({ type: 'string', description, ...more });
export const boolean = (description: string): JsonObject => ({ type: 'boolean', description });
export const integer = (description: string): JsonObject => ({ type: 'integer', format: 'int64', description });
export const object = (properties: JsonObject, required: readonly string[] = [], more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
  ...more,
});
export const list = (items: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'array', items, ...more });
export const listMap = (keys: readonly string[], items: JsonObject): JsonObject =>
  list(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
export const anything = (description: string): JsonObject => ({
  type: 'object',
  description,
  'x-kubernetes-preserve-unknown-fields': true,
});

export const conditions: JsonObject = listMap(
  ['type'],
  object(
    {
      type: string('What the condition is about, such as Ready'),
      status: string('Whether it holds', { enum: ['True', 'False', 'Unknown'] }),
      reason: string('Why, in one word'),
      message: string('Why, in a sentence'),
      severity: string('How grave it is'),
      observedGeneration: integer('The metadata.generation that the condition speaks of'),
      lastTransitionTime: string('When the status last changed', { format: 'date-time' }),
    },
    ['type', 'status'],
  ),
);

export const status = (properties: JsonObject): JsonObject =>
  object({ observedGeneration: integer('The metadata.generation that this status answers'), conditions, ...properties });

/** A whole object: spec and, where given, status. A spec that requires something is required itself. */
export const root = (description: string, spec: JsonObject, statusSchema?: JsonObject): JsonObject =>
  object(
    {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec,
      ...(statusSchema ? { status: statusSchema } : {}),
    },
    spec['required'] ? ['spec'] : [],
    { description },
  );
