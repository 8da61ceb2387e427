import { createHash } from 'node:crypto';

/** The id of what a record at this place caused: UUID version 5 over `topic/partition/offset`. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5 */
export function eventIdOf({
  topic,
  partition,
  offset,
}: {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}): string {
  const bytes = createHash('sha1').update(reportNamespace).update(`${topic}/${partition}/${offset}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

// The URL namespace of the RFC.
const reportNamespace = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');
