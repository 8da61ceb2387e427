import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKafkaSecurity } from '#adapter-kafka';
import { parseSettings } from '#settings';

describe('how brokers are spoken to', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-kafka-settings-'));
    for (const [file, text] of Object.entries({ 'ca.pem': 'CA', 'client.pem': 'CERTIFICATE', 'client.key': 'KEY', password: 'secret \n' }))
      await writeFile(join(folder, file), text);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const security = (flags: readonly string[], env = {}) => {
    const outcome = parseSettings(
      flags.map((flag) => flag.replace('@', `${folder}/`)),
      env,
    );
    if (outcome.type !== 'settings') throw new Error(JSON.stringify(outcome));
    return readKafkaSecurity(outcome.settings);
  };
  const user = ['--kafka-user', 'ada', '--kafka-password-file', '@password'];

  it('is in clear, as nobody, unless something is said', async () => {
    expect(await security([])).toBeUndefined();
  });

  it('is TLS with the public authorities, or with one of your own, with or without a certificate to show', async () => {
    expect(await security(['--kafka-tls'])).toEqual({ tls: {} });
    expect(await security([], { KAFKA_TLS: 'on' })).toEqual({ tls: {} });
    expect(await security(['--kafka-ca', '@ca.pem'])).toEqual({ tls: { ca: 'CA' } });
    expect(await security(['--kafka-ca', '@ca.pem', '--kafka-certificate', '@client.pem', '--kafka-key', '@client.key'])).toEqual({
      tls: { ca: 'CA', cert: 'CERTIFICATE', key: 'KEY' },
    });
  });

  it('is as a user, whose password is the file without its last line end', async () => {
    expect(await security(['--kafka-tls', ...user])).toEqual({
      tls: {},
      sasl: { mechanism: 'scram-sha-512', username: 'ada', password: 'secret ' },
    });
    expect(await security([...user, '--kafka-sasl', 'scram-sha-256'])).toEqual({
      sasl: { mechanism: 'scram-sha-256', username: 'ada', password: 'secret ' },
    });
  });

  it.each([
    [['--kafka-certificate', '@client.pem'], 'KAFKA_KEY'],
    [['--kafka-user', 'ada'], 'KAFKA_PASSWORD_FILE'],
    [[...user, '--kafka-sasl', 'plain'], 'needs KAFKA_TLS'],
    [['--kafka-ca', '@nowhere.pem'], 'KAFKA_CA: '],
  ])('refuses %j, naming the setting and no content', async (flags, problem) => {
    await expect(security(flags)).rejects.toThrow(problem);
    await expect(security(flags)).rejects.not.toThrow('secret');
  });

  it('refuses a mechanism that it does not know', () => {
    expect(parseSettings(['--kafka-sasl', 'gssapi'], {})).toMatchObject({ type: 'refused' });
  });
});
