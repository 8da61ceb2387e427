import { KafkaProviderChannel } from '#adapter-kafka';
import { runHttpBinProvider } from '#demo-httpbin';
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
    run(outcome.settings);
}

function run({ brokers, topicPrefix, logLevel }: ProviderSettings): void {
  const logger = createLogger({ level: logLevel, name: 'example-provider' });
  const channel = new KafkaProviderChannel({ brokers, prefix: topicPrefix, clientId: 'example-provider', logger });
  const provider = runHttpBinProvider({ channel, logger });
  logger.info({ brokers, topicPrefix }, 'delivers HttpBins');

  const stop = async (signal: string): Promise<void> => {
    logger.info({ signal }, 'stops');
    await provider.stop();
    await channel.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
}
