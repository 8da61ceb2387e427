import { readFile } from 'node:fs/promises';

/** How brokers are spoken to, and as whom. Certificates and keys are PEM. */
export type KafkaSecurity = {
  /** Without `ca`, the authorities that node knows. `cert` and `key` are shown to brokers that ask. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
};

/** What a process is told about how to speak to brokers; the bridge and providers are told the same, in the same words. */
export type KafkaSecuritySettings = {
  readonly kafkaTls: boolean;
  readonly kafkaCaFile: string | undefined;
  readonly kafkaCertificateFile: string | undefined;
  readonly kafkaKeyFile: string | undefined;
  readonly kafkaSasl: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly kafkaUser: string | undefined;
  readonly kafkaPasswordFile: string | undefined;
};

/** How brokers are spoken to; undefined: in clear, as nobody. @throws Error naming the setting that is wrong, and no content of any file */
export async function readKafkaSecurity(settings: KafkaSecuritySettings): Promise<KafkaSecurity | undefined> {
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
