import type pg from 'pg';
import type { AppendResult, NewEvent, RecordedEvent } from '#stream';
import { int4Array, int8Array, textArray, uuidArray } from './binary-array.ts';

/** One append that waits to be committed. */
export type Append = { readonly stream: string; readonly expected: bigint; readonly events: readonly NewEvent[] };

/** Commits the appends of a group, each stream at most once, in one statement: one transaction, one sync. Answers in their order. */
export async function commitGroup(client: pg.Client, group: readonly Append[]): Promise<AppendResult[]> {
  const { rows } = await client.query<AnswerRow>({ ...statement, values: parameters(group) });
  if (rows.length !== group.length) throw new TypeError(`append_events answered ${rows.length} rows for ${group.length} appends`);
  return rows.map(([appended, revision, position]): AppendResult =>
    appended
      ? { type: 'appended', revision: BigInt(revision), position: BigInt(position ?? 0) }
      : { type: 'conflict', head: BigInt(revision) },
  );
}

/** The events of an append that was committed, at their places. */
export function recorded({ stream, events }: Append, last: { readonly revision: bigint; readonly position: bigint }): RecordedEvent[] {
  const before = BigInt(events.length - 1);
  let revision = last.revision - before;
  let position = last.position - before;
  return events.map(({ id, type, data, decoded }) => ({ id, type, data, decoded, stream, revision: revision++, position: position++ }));
}

const statement = {
  name: 'append_events',
  text: 'SELECT appended, revision, position FROM append_events($1::text[], $2::bigint[], $3::integer[], $4::integer[], $5::uuid[], $6::text[], $7::text[])',
  rowMode: 'array',
} as const;

type AnswerRow = [appended: boolean, revision: string, position: string | null];

function parameters(group: readonly Append[]): Buffer[] {
  const owners: number[] = [];
  const ids: string[] = [];
  const types: string[] = [];
  const texts: string[] = [];
  group.forEach(({ events }, index) => {
    for (const { id, type, data } of events) {
      owners.push(index + 1);
      ids.push(id);
      types.push(type);
      texts.push(data);
    }
  });
  return [
    textArray(group.map(({ stream }) => stream)),
    int8Array(group.map(({ expected }) => expected)),
    int4Array(group.map(({ events }) => events.length)),
    int4Array(owners),
    uuidArray(ids),
    textArray(types),
    textArray(texts),
  ];
}
