import { beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '#telemetry';
import type { Settings } from '#settings';
import type { Finding } from '#upkeep';
import { copyOf, smallInstallation } from '../testing/small-installation.ts';
import { verifyInstallation } from './verify-command.ts';

describe('verify', () => {
  let whole: Settings;
  beforeAll(async () => {
    whole = await smallInstallation();
  });

  async function findings(settings: Settings): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    const { findings: count } = await verifyInstallation(settings, silentLogger, (finding) => found.push(finding));
    expect(count).toBe(found.length);
    return found;
  }

  const shop = `(SELECT 'account-' || cluster FROM workspaces WHERE path = 'root:orgs:acme')`;
  const last = `(SELECT max(revision) FROM events WHERE stream = ${shop})`;
  const ofMap = (name: string): string =>
    `stream = ${shop} AND type = 'ResourceDeclared' AND data LIKE '%"configmaps","namespace":"default","name":"${name}"%'`;

  it('finds nothing in what is whole', async () => {
    expect(await findings(whole)).toEqual([]);
  });

  it('finds nothing where the past was truncated behind a snapshot', async () => {
    const cut = `(SELECT revision FROM snapshots WHERE stream = ${shop})`;
    const settings = await copyOf(
      whole,
      `UPDATE stream_heads SET first = ${cut} WHERE stream = ${shop}`,
      `DELETE FROM events WHERE stream = ${shop} AND revision < ${cut}`,
    );
    expect(await findings(settings)).toEqual([]);
  });

  const again = (position: string): string =>
    `INSERT INTO events SELECT stream, revision, ${position}, id, type, data FROM events WHERE stream = ${shop} AND revision = 4`;

  const damages: readonly (readonly [name: string, statement: string, ...expected: Finding['type'][]])[] = [
    ['an event that is gone', `DELETE FROM events WHERE ${ofMap('a')}`, 'revision-missing', 'position-missing', 'snapshot-differs'],
    ['the last event that is gone', `DELETE FROM events WHERE stream = ${shop} AND revision = ${last}`, 'head-differs', 'position-missing'],
    [
      'an event behind the head',
      `UPDATE events SET position = position + 1000 WHERE stream = ${shop} AND revision = ${last}`,
      'head-differs',
      'position-missing',
    ],
    [
      'an event that stands twice in its stream',
      `ALTER TABLE events DROP CONSTRAINT events_stream_revision; UPDATE log_head SET position = position + 1; ${again('(SELECT position FROM log_head)')}`,
      'revision-doubled',
    ],
    [
      'an event that stands twice in the log',
      `ALTER TABLE events DROP CONSTRAINT events_stream_revision, DROP CONSTRAINT events_position; ${again('position')}`,
      'revision-doubled',
      'position-doubled',
    ],
    ['a head that is too high', `UPDATE stream_heads SET revision = revision + 1 WHERE stream = ${shop}`, 'head-differs'],
    ['a head that is gone', `DELETE FROM stream_heads WHERE stream = ${shop}`, 'head-differs'],
    ["the whole log's head that is too high", `UPDATE log_head SET position = position + 5`, 'position-missing'],
    ['an event that is no event', `UPDATE events SET data = 'no json' WHERE ${ofMap('a')}`, 'event-unreadable'],
    [
      'an event that cannot be folded',
      `UPDATE events SET data = '{"type":"ResourceDeclared","object":{"metadata":{}}}' WHERE ${ofMap('a')}`,
      'fold-fails',
      'event-out-of-place',
      'event-unreadable',
    ],
    [
      'an object that says another resourceVersion',
      `UPDATE events SET data = replace(data, '"resourceVersion":"', '"resourceVersion":"9') WHERE ${ofMap('d')}`,
      'event-out-of-place',
    ],
    [
      'an event that was changed',
      `UPDATE events SET data = replace(data, 'text of a', 'text of x') WHERE ${ofMap('a')}`,
      'snapshot-differs',
    ],
    ['a snapshot that was changed', `UPDATE snapshots SET text = replace(text, 'text of a', 'text of x')`, 'snapshot-unreadable'],
    ['a snapshot that is none', `UPDATE snapshots SET text = 'no snapshot' WHERE stream = ${shop}`, 'snapshot-unreadable'],
    [
      'a packed snapshot that is torn',
      `UPDATE snapshots SET text = NULL, packed = '\\x28b52ffd00' WHERE stream = ${shop}`,
      'snapshot-unreadable',
    ],
    ['a snapshot of the future', `UPDATE snapshots SET revision = revision + 1000 WHERE stream = ${shop}`, 'snapshot-ahead'],
    [
      'a past that no snapshot holds',
      `DELETE FROM events WHERE stream = ${shop} AND revision < 3; UPDATE stream_heads SET first = 3 WHERE stream = ${shop}; DELETE FROM snapshots`,
      'history-lost',
    ],
    ['a key that is gone', `DELETE FROM keys WHERE account <> '' AND uid = (SELECT max(uid) FROM keys WHERE account <> '')`, 'key-missing'],
    [
      'a key that does not open',
      `UPDATE keys SET wrapped = 'AAAA' || substr(wrapped, 5) WHERE account <> ''`,
      'key-unusable',
      'event-unreadable',
    ],
    [
      'a key of nobody',
      `INSERT INTO keys SELECT 'nobody', uid, master_key, wrapped FROM keys WHERE account <> '' LIMIT 1`,
      'key-without-object',
      'key-unusable',
    ],
    ['a row that is missing', `DELETE FROM workspaces WHERE path = 'root:orgs:acme'`, 'view-row-missing'],
    ['a row that differs', `UPDATE workspaces SET closing = true WHERE path = 'root:orgs'`, 'view-row-differs'],
    [
      'a row that nobody wrote',
      `INSERT INTO workspaces (cluster, path, closing, position) VALUES ('s', 'root:s', false, 1)`,
      'view-row-strange',
    ],
    ['a checkpoint of the future', `UPDATE checkpoints SET position = position + 1000 WHERE follower = 'policy'`, 'checkpoint-ahead'],
  ];
  it.each(damages)('names %s', async (_, statement, ...expected) => {
    const found = await findings(await copyOf(whole, statement));
    // What is wrong with an event shows in the rows of views, too.
    const isAside = (type: string): boolean => type.startsWith('view-') && !expected.some((each) => each.startsWith('view-'));
    const types = [...new Set(found.map(({ type }) => type))].filter((type) => !isAside(type));
    expect(types.sort()).toEqual([...expected].sort());
    expect(JSON.stringify(found)).not.toContain('secret of');
  });

  it('says which event of the archive cannot be unpacked', async () => {
    const statement = `INSERT INTO archived_events (position, stream, revision, id, type, packed)
      SELECT position, stream, revision, id, type, '\\x00' FROM events WHERE position = 5`;
    const settings = await copyOf(whole, statement, 'DELETE FROM events WHERE position = 5');
    await expect(findings(settings)).rejects.toThrow(
      /^the event at position 5, revision \d+ of \S+, cannot be unpacked from the archive: /,
    );
  });

  it('takes a key that was destroyed for what it is', async () => {
    const one = `uid = (SELECT max(uid) FROM keys WHERE account <> '')`;
    const statement = `INSERT INTO destroyed_keys SELECT account, uid FROM keys WHERE ${one}; DELETE FROM keys WHERE ${one}`;
    expect(await findings(await copyOf(whole, statement))).toEqual([]);
  });

  it('says what to do about a database of an older version', async () => {
    const settings = await copyOf(whole, `DELETE FROM migrations WHERE id = (SELECT max(id) FROM migrations)`);
    await expect(findings(settings)).rejects.toThrow('older version');
  });
});
