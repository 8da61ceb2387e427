import { expect } from 'vitest';
import type { TributaryServer } from '../servers/tributary.ts';
import { expectVerified } from './expect-verified.ts';
import type { SentWrite } from './ledger.ts';
import { accountEvents, changesIn, faultsOfLives, faultsOfPlaces, faultsOfWrites, readHistory } from './recorded-history.ts';

/** Judges what a server with a database of its own has kept, stops it, and compares all that was made of it with a replay. Gives the count of events. */
export async function expectSound(server: TributaryServer, writes: readonly SentWrite[]): Promise<number> {
  const history = await readHistory(server.folder);
  expect(faultsOfPlaces(history)).toEqual([]);
  const changes = changesIn(accountEvents(history));
  expect(faultsOfLives(changes)).toEqual([]);
  expect(faultsOfWrites(writes, changes)).toEqual([]);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  await expectVerified(['--data', server.folder]);
  return history.length;
}
