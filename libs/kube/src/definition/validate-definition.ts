import { equalJson } from '../equal-json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { nameProblems } from '../metadata/names.ts';
import { invalidValue, notSupported, requiredValue } from '../schema/field-error.ts';
import type { StatusCause } from '../status-failure.ts';
import { approvalAnnotation, approvalOf } from './api-approval.ts';
import { isEstablished, specOfDefinition, statusOfDefinition, storageVersionName, type DefinitionSpec } from './definition.ts';
import { conversionCauses } from './validate-conversion.ts';
import { nameCauses } from './validate-names.ts';
import { versionCauses } from './validate-versions.ts';

/**
 * Why a definition is refused that has passed the schema of its kind. Texts and places are upstream's, which checks a form
 * of its own: what all versions have in common stands at the top there, `spec.validation.openAPIV3Schema`.
 * Source: apiextensions pkg/apis/apiextensions/validation/validation.go.
 */
export function validateDefinition(definition: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  // What is missing is told part by part.
  const spec: DefinitionSpec = { ...{ names: {} as DefinitionSpec['names'], versions: [] }, ...specOfDefinition(definition) };
  // What was accepted stays acceptable: a change of labels is not the time to judge a schema anew.
  if (old && equalJson(definition.spec, old.spec)) return approvalCauses(definition, old);
  return [
    ...(old ? [] : nameOfDefinition(definition, spec)),
    ...specCauses(spec, old),
    ...(old ? changeCauses(spec, old) : []),
    ...(old ? storedVersionCauses(spec, old) : []),
    ...approvalCauses(definition, old),
    ...((definition.spec as JsonObject | undefined)?.['preserveUnknownFields'] === true ? [preservesUnknown] : []),
  ];
}

const preservesUnknown: StatusCause = invalidValue(
  'spec.preserveUnknownFields',
  true,
  'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
);

function nameOfDefinition({ metadata: { name = '' } }: KubeObject, { names, group }: DefinitionSpec): readonly StatusCause[] {
  return name === `${names.plural}.${group}` ? [] : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function specCauses(spec: DefinitionSpec, old: KubeObject | undefined): readonly StatusCause[] {
  const { group, scope, versions, names } = spec;
  const schemaless = versions.flatMap(({ schema }, index) =>
    schema?.openAPIV3Schema ? [] : [requiredValue(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')],
  );
  return [
    ...groupCauses(group),
    ...scopeCauses(scope),
    ...schemaless,
    ...versionCauses(versions),
    ...(['plural', 'singular', 'kind', 'listKind'] as const).flatMap((name) => (names[name] ? [] : [requiredValue(`spec.names.${name}`)])),
    ...nameCauses(names, 'spec.names'),
    ...conversionCauses(spec.conversion, old !== undefined && isEstablished(old)),
  ];
}

function groupCauses(group: string): readonly StatusCause[] {
  if (!group) return [requiredValue('spec.group')];
  const problems = nameProblems(group, 'dns1123subdomain');
  if (problems.length > 0) return [invalidValue('spec.group', group, problems.join(','))];
  return group.includes('.') ? [] : [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

const scopes = ['Cluster', 'Namespaced'];

function scopeCauses(scope: string): readonly StatusCause[] {
  if (!scope) return [requiredValue('spec.scope')];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

/** What others rely on stays. */
function changeCauses(spec: DefinitionSpec, old: KubeObject): readonly StatusCause[] {
  const before = specOfDefinition(old);
  const fixed = (field: string, now: Json, then: Json): readonly StatusCause[] =>
    now === then ? [] : [invalidValue(field, now, 'field is immutable')];
  const served = isEstablished(old)
    ? [...fixed('spec.scope', spec.scope, before.scope), ...fixed('spec.names.kind', spec.names.kind, before.names.kind)]
    : [];
  return [
    ...served,
    ...fixed('spec.group', spec.group, before.group),
    ...fixed('spec.names.plural', spec.names.plural, before.names.plural),
  ];
}

/** Objects may stand in every version that was ever a storage version, until a client says otherwise in the status. */
function storedVersionCauses(spec: DefinitionSpec, old: KubeObject): readonly StatusCause[] {
  const stored = [...new Set([...(statusOfDefinition(old).storedVersions ?? []), storageVersionName(spec)])];
  const names = new Set(spec.versions.map(({ name }) => name));
  return stored.flatMap((name, index) =>
    names.has(name)
      ? []
      : [
          invalidValue(
            `status.storedVersions[${index}]`,
            name,
            `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
          ),
        ],
  );
}

function approvalCauses({ metadata, spec }: KubeObject, old: KubeObject | undefined): readonly StatusCause[] {
  const { group = '' } = (spec ?? {}) as { readonly group?: string };
  const approval = approvalOf(group, metadata.annotations);
  if (approval === undefined || approval.state === 'approved' || approval.state === 'bypassed') return [];
  if (old && approvalOf(group, old.metadata.annotations)?.state === approval.state) return [];
  const field = `metadata.annotations[${approvalAnnotation}]`;
  if (approval.state === 'missing') return [requiredValue(field, approval.reason)];
  return [invalidValue(field, metadata.annotations?.[approvalAnnotation], approval.reason)];
}
