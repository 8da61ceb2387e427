import { fieldsMatch, labelsMatch, parseFieldSelector, parseLabelSelector, statusFailure, type StatusCause } from '#kube';
import type { Selector } from '#workspace';
import type { ResourceExchange } from '../exchange.ts';
import { isOn } from '../request-path.ts';
import { readContinueToken, type ContinueToken } from './continue-token.ts';
import { badOptions, invalidOptions, type InvalidOptions } from './invalid-options.ts';

export type ListOptions = {
  readonly type: 'valid';
  readonly selector: Selector | undefined;
  /** undefined where the client named none. */
  readonly resourceVersion: bigint | undefined;
  readonly match: 'Exact' | 'NotOlderThan' | undefined;
  /** 0 means no limit. */
  readonly limit: number;
  readonly continue: ContinueToken | undefined;
  readonly sendInitialEvents: boolean | undefined;
  readonly allowWatchBookmarks: boolean;
  /** undefined where the client left it to the server. */
  readonly timeoutSeconds: number | undefined;
};

/** Query options of list, watch and deletecollection. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
export function readListOptions(exchange: ResourceExchange): ListOptions | InvalidOptions {
  const { query, verb } = exchange.path;
  const selected = readSelector(exchange);
  if (selected.type === 'invalid') return selected;
  if (query.size === 0) return { ...noOptions, selector: selected.selector };
  const causes = verb === 'watch' ? watchCauses(query) : listCauses(query);
  if (causes.length > 0) return invalidOptions('ListOptions', causes);
  const token = query.get('continue') ?? '';
  const resourceVersion = query.get('resourceVersion') ?? '';
  const version = readResourceVersion(resourceVersion);
  if (version.type === 'invalid') return version;
  if (token !== '' && resourceVersion !== '' && resourceVersion !== '0')
    return badOptions('specifying resource version is not allowed when using continue');
  const next = token === '' ? undefined : readContinueToken(token);
  if (next?.type === 'malformed') return badOptions(next.message);
  const limit = readInteger(query, 'limit');
  const timeoutSeconds = readInteger(query, 'timeoutSeconds');
  if (typeof limit === 'object') return limit;
  if (typeof timeoutSeconds === 'object') return timeoutSeconds;
  return {
    type: 'valid',
    selector: selected.selector,
    resourceVersion: version.value,
    match: (query.get('resourceVersionMatch') || undefined) as ListOptions['match'],
    limit: Math.max(0, limit ?? 0),
    continue: next?.token,
    sendInitialEvents: query.has('sendInitialEvents') ? isOn(query.get('sendInitialEvents')) : undefined,
    allowWatchBookmarks: isOn(query.get('allowWatchBookmarks')),
    timeoutSeconds,
  };
}

/** '' means none named. Upstream answers what is no number with 500 and no reason. */
export function readResourceVersion(text: string): { readonly type: 'valid'; readonly value: bigint | undefined } | InvalidOptions {
  if (text === '') return { type: 'valid', value: undefined };
  if (/^\d{1,20}$/.test(text) && BigInt(text) <= uint64Max) return { type: 'valid', value: BigInt(text) };
  const fault = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  return {
    type: 'invalid',
    status: statusFailure(
      '',
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${fault}`,
    ),
  };
}

/** The answer to a resourceVersion that has not been reached. Clients list again, from wherever the server is. */
export function tooLargeResourceVersion(asked: bigint, current: bigint): InvalidOptions {
  return {
    type: 'invalid',
    status: statusFailure('Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    }),
  };
}

const uint64Max = 18_446_744_073_709_551_615n;

const noOptions: ListOptions = {
  type: 'valid',
  selector: undefined,
  resourceVersion: undefined,
  match: undefined,
  limit: 0,
  continue: undefined,
  sendInitialEvents: undefined,
  allowWatchBookmarks: false,
  timeoutSeconds: undefined,
};

function readSelector({
  path,
  kind,
  version,
}: ResourceExchange): { readonly type: 'valid'; readonly selector: Selector | undefined } | InvalidOptions {
  const labels = parseLabelSelector(path.query.get('labelSelector') ?? '');
  if (labels.type === 'malformed') return badOptions(labels.message);
  const fields = parseFieldSelector(path.query.get('fieldSelector') ?? '', kind, version);
  if (fields.type === 'malformed') return badOptions(fields.message);
  const { requirements } = labels;
  // A watch of one object by its deprecated path is a watch of its name.
  const terms = path.name === '' ? fields.terms : [...fields.terms, { field: 'metadata.name', equal: true, value: path.name }];
  if (requirements.length === 0 && terms.length === 0) return { type: 'valid', selector: undefined };
  return { type: 'valid', selector: (object) => labelsMatch(requirements, object.labels) && fieldsMatch(terms, object) };
}

function listCauses(query: URLSearchParams): readonly StatusCause[] {
  const causes: StatusCause[] = [];
  const match = query.get('resourceVersionMatch') ?? '';
  const resourceVersion = query.get('resourceVersion') ?? '';
  if (match !== '') {
    if (resourceVersion === '')
      causes.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if ((query.get('continue') ?? '') !== '')
      causes.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan') causes.push(unsupportedMatch(match, '"Exact", "NotOlderThan", ""'));
    if (match === 'Exact' && resourceVersion === '0')
      causes.push(forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (query.has('sendInitialEvents')) causes.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return causes;
}

function watchCauses(query: URLSearchParams): readonly StatusCause[] {
  const match = query.get('resourceVersionMatch') ?? '';
  const causes: StatusCause[] = [];
  if (match !== '') {
    if (!query.has('sendInitialEvents'))
      causes.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    if (match !== 'NotOlderThan') causes.push(unsupportedMatch(match, '"NotOlderThan"'));
  } else if (query.has('sendInitialEvents'))
    causes.push(forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if ((query.get('continue') ?? '') !== '') causes.push(forbidden('continue', 'continue is forbidden for watch'));
  return causes;
}

const forbidden = (field: string, detail: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${detail}`,
  field,
});

function unsupportedMatch(match: string, supported: string): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported}`,
    field: 'resourceVersionMatch',
  };
}

function readInteger(query: URLSearchParams, name: string): number | undefined | InvalidOptions {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  return /^-?\d{1,15}$/.test(text) ? Number(text) : badOptions(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}
