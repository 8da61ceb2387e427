import { invalidMessage, statusFailure, type StatusCause, type StatusFailure } from '#kube';

export type InvalidOptions = { readonly type: 'invalid'; readonly status: StatusFailure };

/** `CreateOptions.meta.k8s.io "" is invalid: …` */
export function invalidOptions(kind: string, causes: readonly StatusCause[]): InvalidOptions {
  return {
    type: 'invalid',
    status: statusFailure('Invalid', invalidMessage(kind, 'meta.k8s.io', '', causes), { group: 'meta.k8s.io', kind, causes }),
  };
}

export function badOptions(message: string): InvalidOptions {
  return { type: 'invalid', status: statusFailure('BadRequest', message) };
}
