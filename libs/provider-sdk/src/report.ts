import { encodeHeaders } from './cloud-event.ts';
import type { JsonObject } from '#json';
import type { SpecMessage, StatusMessage } from './messages.ts';
import type { Desired } from './desired.ts';
import { formatSequence } from './sequence.ts';
import { statusTopic } from './topics.ts';
import { recordBytes, recordBytesMax, recordKey, type WireRecord } from './wire-record.ts';

/** What a provider says about one instance: its whole status, or that nothing of it is left. */
export type Report = { readonly status: JsonObject } | { readonly released: true };

export type ReportParts = {
  readonly prefix: string;
  readonly export: string;
  readonly desired: Desired;
  readonly report: Report;
  readonly sequence: bigint;
};

/** The record that carries a report. @throws ReportTooLarge */
export function statusRecord({ prefix, export: exportName, desired, report, sequence }: ReportParts): WireRecord {
  const { account, uid, plural, object } = desired;
  const digits = formatSequence(sequence);
  const message: StatusMessage = { uid, observedGeneration: object.metadata.generation, sequence: digits, ...report };
  const record: WireRecord = {
    topic: statusTopic(prefix, exportName, plural),
    key: recordKey(desired),
    value: JSON.stringify(message),
    headers: encodeHeaders({
      id: crypto.randomUUID(),
      source: `/providers/${exportName}`,
      type: 'released' in report ? 'InstanceReleased' : 'StatusReported',
      subject: `${account}/${uid}`,
      time: new Date().toISOString(),
      sequence: digits,
    }),
  };
  const bytes = recordBytes(record);
  if (bytes > recordBytesMax) throw new ReportTooLarge(bytes);
  return record;
}

class ReportTooLarge extends Error {
  constructor(bytes: number) {
    super(`a report of ${bytes} bytes is above the ${recordBytesMax} that a record may weigh`);
    this.name = 'ReportTooLarge';
  }
}

/** The status after a failed attempt: what was known stays, Ready says what went wrong. */
export function failedStatus(status: JsonObject, { metadata }: SpecMessage, error: unknown): JsonObject {
  const conditions = Array.isArray(status['conditions']) ? (status['conditions'] as readonly JsonObject[]) : [];
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 1024);
  const at = { observedGeneration: metadata.generation, lastTransitionTime: `${new Date().toISOString().slice(0, 19)}Z` };
  return {
    // A status too large to send must not make its own failure too large to send.
    ...(error instanceof ReportTooLarge ? {} : status),
    conditions: [
      ...conditions.filter(({ type }) => type !== 'Ready' && type !== 'Reconciling'),
      { type: 'Ready', status: 'False', reason: 'ReconcileFailed', message, ...at },
      { type: 'Reconciling', status: 'True', reason: 'Retrying', message: 'the provider tries again', ...at },
    ],
  };
}
