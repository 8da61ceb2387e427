import { statusOf, type AccountState, type KindRules } from '#account';
import {
  definitionFinalizer,
  definitionStatus,
  definitionWarnings,
  keptStatus,
  terminatingStatus,
  validateDefinition,
  type JsonObject,
  type KubeObject,
  type TakenNames,
} from '#kube';
import { definitions } from './definition-kinds.ts';

/** What holds for a definition wherever it is written. */
export const definitionRules: KindRules = {
  check: (definition, old) => (fitsSchema(definition) ? validateDefinition(definition, old) : []),
  warnings: definitionWarnings,
  finalizer: definitionFinalizer,
  deletingStatus: terminatingStatus,
  keepStatus: keptStatus,
};

/** The names that others have in the group of a definition, judged by the state that it is written to. */
export type NamesTaken = (state: AccountState, definition: KubeObject) => TakenNames;

/** As `definitionRules`, for a write: whether the kind is served is said in the event of the write itself. */
export function definitionWriteRules(taken: NamesTaken): KindRules {
  const status = (definition: KubeObject, at: string, state: AccountState): JsonObject =>
    isSound(definition) ? definitionStatus(definition, taken(state, definition), at) : statusOf(definition);
  return { ...definitionRules, firstStatus: status, revisedStatus: status, annotatedStatus: status };
}

/** What its schema refuses cannot be read further, and will not be written. */
const fitsSchema = (definition: KubeObject): boolean =>
  definitions.versions[0]?.schema.validate(definition as unknown as JsonObject).length === 0;

function isSound(definition: KubeObject): boolean {
  const { spec } = definition as { readonly spec?: { readonly names?: unknown; readonly versions?: unknown } };
  return typeof spec?.names === 'object' && Array.isArray(spec.versions) && fitsSchema(definition);
}
