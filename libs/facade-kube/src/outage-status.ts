import { statusFailure, type StatusFailure } from '#kube';

/** Ports name their outages; these are another library's classes, and their names are their contract. */
export function outageStatus(error: unknown): StatusFailure {
  if (error instanceof Error && error.name === 'LogUnavailable')
    return statusFailure('ServiceUnavailable', 'the log cannot take this now; what was not answered may be sent again');
  if (error instanceof Error && error.name === 'AppendTooLarge')
    return statusFailure('RequestEntityTooLarge', 'the log does not keep as much at once');
  if (isConversionFailure(error)) return statusFailure('', error.message);
  if (error instanceof Error && error.name === 'KeyGone')
    return statusFailure('InternalError', `Internal error occurred: ${error.message}`);
  return statusFailure('InternalError', 'Internal error occurred: the server met a fault of its own; its log names it by the Audit-Id');
}

/** What ends a watch, as its last event says it: upstream makes an internal error of what is no Status already. */
export function watchFailureStatus(error: unknown): StatusFailure {
  if (!isConversionFailure(error)) return outageStatus(error);
  const { message } = error;
  return statusFailure('InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

const isConversionFailure = (error: unknown): error is Error => error instanceof Error && error.name === 'ConversionFailed';
