import { KafkaProviderChannel, readKafkaSecurity } from '#adapter-kafka';
import { runHttpBinProvider } from '#demo-httpbin';
import { keptClock } from '#provider-sdk';
import { createLogger } from '#telemetry';
import { readSettings, type ProviderSettings } from './settings.ts';

// A provider as an outsider would run it: a process that knows the brokers and the prefix of the topics, and nothing of the mesh.

const outcome = readSettings(process.argv.slice(2), process.env);
switch (outcome.type) {
  case 'help':
    process.stdout.write(outcome.text);
    break;
  case 'wrong':
    process.stderr.write(`${outcome.messages.join('\n')}\nSee --help.\n`);
    process.exitCode = 2;
    break;
  case 'settings':
    await run(outcome.settings).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 2;
    });
}

/** @throws Error naming the setting whose file cannot be read */
async function run({ brokers, topicPrefix, sequenceFile, logLevel, ...secrecy }: ProviderSettings): Promise<void> {
  const security = await readKafkaSecurity(secrecy);
  const logger = createLogger({ level: logLevel, name: 'example-provider' });
  const channel = new KafkaProviderChannel({
    brokers,
    prefix: topicPrefix,
    clientId: 'example-provider',
    logger,
    ...(security ? { security } : {}),
  });
  const nextSequence = sequenceFile === undefined ? undefined : await keptClock({ file: sequenceFile, logger });
  const provider = runHttpBinProvider({ channel, logger, nextSequence });
  logger.info({ brokers, topicPrefix }, 'delivers HttpBins');

  const stop = async (signal: string): Promise<void> => {
    logger.info({ signal }, 'stops');
    await provider.stop();
    await channel.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
}
