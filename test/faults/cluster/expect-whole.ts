import { expect } from 'vitest';
import pg from 'pg';
import { untilTrue } from '../../servers/tributary-until.ts';
import { expectVerified } from '../expect-verified.ts';
import { accountEvents, changesIn, faultsOfLives, faultsOfPlaces, readHistoryOf, type RecordedChange } from '../recorded-history.ts';

export type Whole = {
  /** Of the account that was asked for, in order. */
  readonly ofAccount: readonly RecordedChange[];
  readonly all: readonly RecordedChange[];
  readonly events: number;
};

/** After all processes have ended: the log has no gap, every life in it is sound, all that was made of it equals a replay, and nobody is left. */
export async function expectWhole(databaseUrl: string, dataFolder: string, workspace: string): Promise<Whole> {
  const history = await readHistoryOf(databaseUrl);
  expect(faultsOfPlaces(history)).toEqual([]);
  const recorded = accountEvents(history);
  const all = changesIn(recorded);
  expect(faultsOfLives(all)).toEqual([]);
  await expectVerified(['--data', dataFolder, '--database-url', databaseUrl]);
  await expectNobodyConnected(databaseUrl);
  const stream = recorded.find(({ event }) => event.type === 'WorkspaceOpened' && event.path === workspace)?.place.stream;
  return { all, ofAccount: all.filter(({ place }) => place.stream === stream), events: history.length };
}

async function expectNobodyConnected(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // A backend ends a moment after its client has.
    await untilTrue('nobody is connected any more', async () => {
      const { rows } = await client.query('SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
      return rows.length === 0;
    });
    const { rows } = await client.query('SELECT 1 FROM pg_prepared_xacts');
    expect(rows).toEqual([]);
  } finally {
    await client.end();
  }
}
