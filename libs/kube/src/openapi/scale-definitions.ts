import type { JsonObject } from '../json.ts';
import type { ServedVersion } from '../served-kind.ts';
import { apiVersionSchema, kindSchema } from './meta-definitions.ts';
import type { Dialect } from './kind-schema.ts';

const group = 'io.k8s.api.autoscaling.v1';
export const scaleModel = `${group}.Scale`;

/** What `/scale` takes and answers, for a version that has it. */
export function scaleDefinitions({ scale }: ServedVersion, { ref, objectMeta }: Dialect): { readonly [name: string]: JsonObject } {
  if (!scale) return {};
  const count = (description: string): JsonObject => ({ type: 'integer', format: 'int32', description });
  return {
    [scaleModel]: {
      type: 'object',
      description: 'How many replicas of an object are wanted and there.',
      properties: {
        apiVersion: apiVersionSchema,
        kind: kindSchema,
        metadata: objectMeta,
        spec: { ...ref(`${group}.ScaleSpec`) },
        status: { ...ref(`${group}.ScaleStatus`) },
      },
      'x-kubernetes-group-version-kind': [{ group: 'autoscaling', version: 'v1', kind: 'Scale' }],
    },
    [`${group}.ScaleSpec`]: {
      type: 'object',
      description: 'What is wanted.',
      properties: { replicas: count('How many replicas are wanted.') },
    },
    [`${group}.ScaleStatus`]: {
      type: 'object',
      description: 'What is there.',
      required: ['replicas'],
      properties: {
        replicas: count('How many replicas there are.'),
        selector: { type: 'string', description: 'Selects the replicas by their labels.' },
      },
    },
  };
}
