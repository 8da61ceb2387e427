import kafkajs, { type Admin, type AdminConfig, type Consumer, type ConsumerConfig, type Producer, type ProducerConfig } from 'kafkajs';
import type { KafkaSecurity } from './kafka-security.ts';

/** Brokers are there and will not be spoken to: waiting mends nothing, an operator does. The message names the setting, and no secret. */
export class BrokersRefuse extends Error {
  override readonly name = 'BrokersRefuse';
}

/** Whoever connects is told in the settings' words why brokers refuse. */
export class ExplainingKafka extends kafkajs.Kafka {
  readonly #security: KafkaSecurity | undefined;

  constructor(config: ConstructorParameters<typeof kafkajs.Kafka>[0], security: KafkaSecurity | undefined) {
    super(config);
    this.#security = security;
  }

  override admin(config?: AdminConfig): Admin {
    return this.#explained(super.admin(config));
  }

  override producer(config?: ProducerConfig): Producer {
    return this.#explained(super.producer(config));
  }

  override consumer(config: ConsumerConfig): Consumer {
    return this.#explained(super.consumer(config));
  }

  #explained<Client extends { connect(): Promise<void> }>(client: Client): Client {
    const connect = client.connect.bind(client);
    client.connect = () =>
      connect().catch((error: unknown) => {
        const why = whyRefused(error, this.#security);
        throw why === undefined ? error : new BrokersRefuse(why, { cause: error });
      });
    return client;
  }
}

/** Undefined: for no reason that lies in the settings. */
export function whyRefused(error: unknown, { tls, sasl }: KafkaSecurity = {}): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = (cause as { code?: unknown }).code;
    if (cause.name === 'KafkaJSSASLAuthenticationError')
      return `the brokers refuse KAFKA_USER ${sasl?.username} (${sasl?.mechanism}): another password, or nobody of that name`;
    if (typeof code !== 'string') continue;
    if (strangerCodes.has(code))
      return tls?.ca === undefined
        ? `no public authority has signed the brokers' certificate (${code}): KAFKA_CA must hold theirs`
        : `KAFKA_CA does not hold the authority of the brokers' certificate (${code})`;
    if (code === 'CERT_HAS_EXPIRED') return `the brokers' certificate has expired (${code})`;
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `the brokers' certificate is not for the names in KAFKA_BROKERS (${code})`;
  }
  return undefined;
}

/** As OpenSSL calls a chain that ends in nobody known. */
const strangerCodes: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);
