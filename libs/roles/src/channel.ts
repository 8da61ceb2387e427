import { readFile } from 'node:fs/promises';
import { KafkaChannel, type KafkaSecurity } from '#adapter-kafka';
import { InProcessChannel, type Channel, type ChannelStore } from '#bridge';
import type { Settings } from '#settings';
import type { Logger } from '#telemetry';

export type ChannelSettings = Pick<
  Settings,
  | 'kafkaBrokers'
  | 'topicPrefix'
  | 'kafkaTls'
  | 'kafkaCaFile'
  | 'kafkaCertificateFile'
  | 'kafkaKeyFile'
  | 'kafkaSasl'
  | 'kafkaUser'
  | 'kafkaPasswordFile'
>;

/** The mesh's end of the way to providers: over Kafka where brokers are set, else inside this process. @throws Error naming a setting */
export async function openChannel(settings: ChannelSettings, store: ChannelStore, logger: Logger): Promise<Channel> {
  const { kafkaBrokers: brokers, topicPrefix: prefix } = settings;
  if (!brokers) return new InProcessChannel(store, prefix);
  const security = await kafkaSecurity(settings);
  return new KafkaChannel({ brokers, prefix, clientId: 'tributary-bridge', logger, ...(security ? { security } : {}) });
}

/** How brokers are spoken to; undefined: in clear, as nobody. @throws Error naming the setting that is wrong, and no content of any file */
export async function kafkaSecurity(settings: ChannelSettings): Promise<KafkaSecurity | undefined> {
  const { kafkaTls, kafkaCaFile, kafkaCertificateFile, kafkaKeyFile, kafkaSasl, kafkaUser, kafkaPasswordFile } = settings;
  const usesTls = kafkaTls || kafkaCaFile !== undefined || kafkaCertificateFile !== undefined;
  if ((kafkaCertificateFile === undefined) !== (kafkaKeyFile === undefined))
    throw new Error('KAFKA_CERTIFICATE and KAFKA_KEY belong together: one of them is missing');
  if ((kafkaUser === undefined) !== (kafkaPasswordFile === undefined))
    throw new Error('KAFKA_USER and KAFKA_PASSWORD_FILE belong together: one of them is missing');
  if (kafkaUser !== undefined && kafkaSasl === 'plain' && !usesTls)
    throw new Error('KAFKA_SASL is plain, which shows the password to whoever listens: it needs KAFKA_TLS');
  const [ca, cert, key, password] = await Promise.all([
    fileOf('KAFKA_CA', kafkaCaFile),
    fileOf('KAFKA_CERTIFICATE', kafkaCertificateFile),
    fileOf('KAFKA_KEY', kafkaKeyFile),
    fileOf('KAFKA_PASSWORD_FILE', kafkaPasswordFile),
  ]);
  const tls = usesTls ? { tls: { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert, key: key ?? '' }) } } : {};
  const sasl =
    kafkaUser === undefined
      ? {}
      : { sasl: { mechanism: kafkaSasl, username: kafkaUser, password: (password ?? '').replace(/\r?\n$/, '') } };
  return usesTls || kafkaUser !== undefined ? { ...tls, ...sasl } : undefined;
}

async function fileOf(setting: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${setting}: ${path} cannot be read (${cause.code})`, { cause });
  });
}
