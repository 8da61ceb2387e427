import { expect, test } from 'vitest';
import { createLogger, type LogLevel } from './logger.ts';

function written(level: LogLevel = 'info') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level, name: 'api', to: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) } });
  return { logger, lines };
}

test('a line is one JSON object with level, name and time', () => {
  const { logger, lines } = written();
  logger.info({ port: 6443 }, 'listening');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 'info', name: 'api', port: 6443, msg: 'listening' });
  expect(lines[0]!['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test('credentials are blanked where they stand, and two levels below', () => {
  const { logger, lines } = written();
  logger.info({
    token: 's3cret',
    headers: { authorization: 'Bearer s3cret', 'proxy-authorization': 's3cret' },
    request: { headers: { Authorization: 's3cret' } },
  });
  expect(JSON.stringify(lines)).not.toContain('s3cret');
  expect(lines[0]).toMatchObject({ token: '[redacted]', headers: { authorization: '[redacted]' } });
});

test('lines below the level are not written, and a child keeps its fields', () => {
  const { logger, lines } = written('warn');
  logger.info('no');
  logger.child({ role: 'bridge' }).warn('yes');
  expect(logger.isLevelEnabled('info')).toBe(false);
  expect(lines).toMatchObject([{ msg: 'yes', role: 'bridge' }]);
});

test('an error keeps its stack', () => {
  const { logger, lines } = written();
  logger.error({ err: new Error('boom') }, 'failed');
  expect(lines[0]).toMatchObject({ err: { type: 'Error', message: 'boom', stack: expect.stringContaining('logger.spec') as string } });
});
