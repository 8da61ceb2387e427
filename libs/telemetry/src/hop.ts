import { type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { Logger } from './logger.ts';

export type HopFields = Readonly<Record<string, string | number | boolean | bigint | undefined>>;

/**
 * One station of an intent's way: a span and a debug line, both named after the file (`account/decide/declare-resource.ts`).
 * The line is written on the way in, so that lines read in the order of the journey; the span has the duration.
 * Answers what `run` answers and throws what it throws. Costs two comparisons while neither is switched on.
 */
export function hop<Result>(name: string, fields: HopFields, run: () => Result): Result {
  if (tracer === undefined && lines === undefined) return run();
  return observed(name, fields, run);
}

let tracer: Tracer | undefined;
let lines: Logger | undefined;

/** Writes hops to this logger from now on, if it takes debug lines; `undefined` ends it. */
export function logHops(logger: Logger | undefined): void {
  lines = logger?.isLevelEnabled('debug') ? logger : undefined;
}

/** Opens the hops' spans with this tracer from now on; `undefined` ends it. */
export function traceHops(by: Tracer | undefined): void {
  tracer = by;
}

function observed<Result>(name: string, fields: HopFields, run: () => Result): Result {
  if (tracer === undefined) {
    lines?.debug({ hop: name, ...printable(fields) });
    return run();
  }
  return tracer.startActiveSpan(name, { attributes: printable(fields) }, (span) => {
    lines?.debug({ hop: name, trace: span.spanContext().traceId, ...printable(fields) });
    return ended(span, run);
  });
}

function ended<Result>(span: Span, run: () => Result): Result {
  let result: Result;
  try {
    result = run();
  } catch (error) {
    fail(span, error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  result.then(
    () => span.end(),
    (error: unknown) => fail(span, error),
  );
  return result;
}

function fail(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Neither JSON nor a span attribute knows bigint. */
function printable(fields: HopFields): Record<string, string | number | boolean> {
  const printed: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(fields))
    if (value !== undefined) printed[key] = typeof value === 'bigint' ? String(value) : value;
  return printed;
}
