/** One record as it travels: what Kafka calls key, value and headers. A `null` value is a tombstone. */
export type WireRecord = {
  readonly topic: string;
  /** `<account>/<uid>`; records without a key are garbage, and are parked. */
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
};

/** What a record may weigh, key, value and headers together, in bytes. */
export const recordBytesMax = 900_000;

/** How much a record weighs, as `recordBytesMax` counts. */
export function recordBytes(record: WireRecord): number {
  const { key, value, headers } = record;
  let bytes = Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '');
  for (const [name, text] of Object.entries(headers)) bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return bytes;
}

/** The record's key: which account's object this is. `account` is the cluster name of its workspace. */
export type ObjectAddress = { readonly account: string; readonly uid: string };

export const recordKey = ({ account, uid }: ObjectAddress): string => `${account}/${uid}`;

/** Answers undefined for what is no key of ours. */
export function parseRecordKey(key: string | null): ObjectAddress | undefined {
  const parts = keyForm.exec(key ?? '');
  return parts?.[1] && parts[2] ? { account: parts[1], uid: parts[2] } : undefined;
}

const keyForm = /^([a-z0-9][a-z0-9:-]{0,252})\/([0-9A-Za-z-]{1,64})$/;
