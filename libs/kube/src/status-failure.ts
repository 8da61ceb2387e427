import type { JsonObject } from './json.ts';

/** The reasons clients branch on. https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#StatusReason */
export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  | 'Timeout'
  /** Upstream answers a few errors with code 500 and no reason. */
  | '';

const httpCodeOf: Readonly<Record<StatusReason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  '': 500,
};

export type CauseReason =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTooFew'
  | 'FieldValueTooShort'
  | 'FieldValueTypeInvalid'
  | 'FieldManagerConflict'
  | 'ResourceVersionTooLarge'
  | 'NamespaceTerminating'
  | 'InternalError';

/** One thing wrong with one field. `message` starts with upstream's word for the reason: `Invalid value: "x": …`. */
export type StatusCause = { readonly reason: CauseReason; readonly message: string; readonly field: string };

/** What policies say is about no field. */
export type BareCause = { readonly message: string };

export type StatusDetails = {
  readonly name?: string;
  readonly group?: string;
  /** The plural for NotFound, AlreadyExists, Conflict, Forbidden; the Kind for Invalid and failed preconditions. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly (StatusCause | BareCause)[];
  readonly retryAfterSeconds?: number;
};

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export type StatusFailure = {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: JsonObject;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason?: Exclude<StatusReason, ''>;
  readonly details?: StatusDetails;
  readonly code: number;
};

/** A refusal as clients read it. `message` is a whole text; its HTTP code follows from `reason`. */
export function statusFailure(reason: StatusReason, message: string, details?: StatusDetails): StatusFailure {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details ? { details } : {}),
    code: httpCodeOf[reason],
  };
}

/** Upstream's sentence for a list of causes: `Widget.example.com "a" is invalid: [spec.x: Required value, …]`. */
export function invalidMessage(kind: string, group: string, name: string, causes: readonly StatusCause[]): string {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return `${group === '' ? kind : `${kind}.${group}`} ${JSON.stringify(name)} is invalid: ${list}`;
}
