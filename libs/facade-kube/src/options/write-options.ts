import type { Author, FieldValidation } from '#workspace';
import type { StatusCause } from '#kube';
import type { Exchange } from '../exchange.ts';
import { isOn, type ResourcePath } from '../request-path.ts';
import { invalidOptions, type InvalidOptions } from './invalid-options.ts';

export type WriteOptions = {
  readonly type: 'valid';
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly author: Author;
  /** Apply only: take from others what they own. */
  readonly force: boolean;
};

/** Query options of create, update and patch. https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/ */
export function readWriteOptions(
  exchange: Exchange<ResourcePath>,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  patch: 'apply' | 'other' = 'other',
): WriteOptions | InvalidOptions {
  const { query } = exchange.path;
  if (query.size === 0 && patch === 'other')
    return { type: 'valid', dryRun: false, fieldValidation: 'Warn', author: authorOf(exchange, ''), force: false };
  const manager = query.get('fieldManager') ?? '';
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const fieldValidation = query.get('fieldValidation') ?? '';
  const causes = [
    ...(patch === 'apply' && manager === '' ? [managerMissing] : []),
    ...(kind === 'PatchOptions' && patch === 'other' && query.has('force') ? [forceCause] : []),
    ...managerCauses(manager),
    ...dryRunCauses(dryRun),
    ...(isFieldValidation(fieldValidation) || fieldValidation === '' ? [] : [fieldValidationCause(fieldValidation)]),
  ];
  if (causes.length > 0) return invalidOptions(kind, causes);
  return {
    type: 'valid',
    dryRun: dryRun.length > 0,
    fieldValidation: isFieldValidation(fieldValidation) ? fieldValidation : 'Warn',
    author: authorOf(exchange, manager),
    force: isOn(query.get('force')),
  };
}

/** Who writes. Without a manager's name it is the User-Agent up to its first slash. */
export function authorOf(
  { identity, impersonator, request, auditId }: Pick<Exchange, 'identity' | 'impersonator' | 'request' | 'auditId'>,
  manager: string,
): Author {
  const userAgent = request.headers['user-agent'] ?? '';
  return {
    user: identity.user,
    groups: identity.groups,
    ...(identity.uid === '' ? {} : { uid: identity.uid }),
    ...(Object.keys(identity.extra).length === 0 ? {} : { extra: identity.extra }),
    ...(impersonator === undefined ? {} : { impersonator: { user: impersonator.user, groups: impersonator.groups } }),
    userAgent,
    fieldManager: manager === '' ? managerFrom(userAgent) : manager,
    cause: auditId,
  };
}

export function dryRunCauses(values: readonly string[]): readonly StatusCause[] {
  if (values.every((value) => value === 'All')) return [];
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return [{ reason: 'FieldValueNotSupported', message: `Unsupported value: []string{${list}}: supported values: "All"`, field: 'dryRun' }];
}

const managerBytesMax = 128;

function managerFrom(userAgent: string): string {
  const slash = userAgent.indexOf('/');
  const name = (slash === -1 ? userAgent : userAgent.slice(0, slash)).replace(unprintable, '');
  return name === '' ? 'unknown' : name.slice(0, managerBytesMax);
}

const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

function managerCauses(manager: string): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  if (Buffer.byteLength(manager) > managerBytesMax)
    causes.push({ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${managerBytesMax} bytes`, field: 'fieldManager' });
  for (const { 0: character, index } of manager.matchAll(unprintable)) {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(manager)}: invalid character U+${code} (at position ${index})`,
      field: 'fieldManager',
    });
  }
  return causes;
}

const managerMissing: StatusCause = {
  reason: 'FieldValueRequired',
  message: 'Required value: is required for apply patch',
  field: 'fieldManager',
};

const forceCause: StatusCause = {
  reason: 'FieldValueForbidden',
  message: 'Forbidden: may not be specified for non-apply patch',
  field: 'force',
};

const isFieldValidation = (text: string): text is FieldValidation => text === 'Ignore' || text === 'Warn' || text === 'Strict';

function fieldValidationCause(text: string): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(text)}: supported values: "", "Ignore", "Strict", "Warn"`,
    field: 'fieldValidation',
  };
}
