import { expect, it, vi } from 'vitest';
import { DatabaseUnavailable } from '#adapter-postgres';
import { LogUnavailable } from '#stream';
import { onceReachable } from './once-reachable.ts';

const away = () => new DatabaseUnavailable('postgres://ada:s3cret@db/mesh', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
const logged = () => ({ info: vi.fn(), warn: vi.fn() });

it('waits for a database and a log that do not answer, says so once and not with every attempt, and says when they do', async () => {
  const logger = logged();
  const open = vi
    .fn()
    .mockRejectedValueOnce(away())
    .mockRejectedValueOnce(away())
    .mockRejectedValueOnce(new LogUnavailable('gone'))
    .mockResolvedValue('opened');
  expect(await onceReachable(open, logger, 1)).toBe('opened');
  expect(logger.warn.mock.calls).toEqual([
    [{ reason: 'DATABASE_URL: PostgreSQL at db/mesh cannot be used: refused' }, 'waits for the database'],
  ]);
  expect(logger.info.mock.calls).toEqual([['the database answers']]);
});

it('does not wait for what is refused', async () => {
  const logger = logged();
  const refused = new DatabaseUnavailable('postgres://db/mesh', new Error('The server does not support SSL connections'));
  await expect(onceReachable(() => Promise.reject(refused), logger, 1)).rejects.toBe(refused);
  const wrong = new Error('the master key file is another one');
  await expect(onceReachable(() => Promise.reject(wrong), logger, 1)).rejects.toBe(wrong);
  expect(logger.warn).not.toHaveBeenCalled();
  expect(await onceReachable(() => Promise.resolve(1), logger)).toBe(1);
  expect(logger.info).not.toHaveBeenCalled();
});
