import { isSequence } from './sequence.ts';

/** The attributes of one CloudEvent. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export type CloudEvent = {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  /** Digits; see sequence.ts. */
  readonly sequence: string;
  readonly dataschema?: string;
  /** W3C trace context, which is no attribute and so has no prefix. */
  readonly traceparent?: string;
};

/** Headers of binary mode. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md */
export function encodeHeaders(event: CloudEvent): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_subject: event.subject,
    ce_time: event.time,
    ce_sequence: event.sequence,
  };
  if (event.dataschema !== undefined) headers['ce_dataschema'] = event.dataschema;
  if (event.traceparent !== undefined) headers['traceparent'] = event.traceparent;
  return headers;
}

/** Answers undefined where a required attribute is missing or the version is not 1.0. */
export function decodeHeaders(headers: Readonly<Record<string, string>>): CloudEvent | undefined {
  const { ce_id: id, ce_source: source, ce_type: type, ce_subject: subject = '', ce_time: time = '', ce_sequence: sequence } = headers;
  if (headers['ce_specversion'] !== '1.0' || !id || !source || !type || !isSequence(sequence)) return undefined;
  const { ce_dataschema: dataschema, traceparent } = headers;
  return { id, source, type, subject, time, sequence, ...(dataschema ? { dataschema } : {}), ...(traceparent ? { traceparent } : {}) };
}
