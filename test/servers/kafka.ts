import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

export interface TestKafka {
  /** `host:port`, as `KAFKA_BROKERS` takes them. */
  readonly brokers: readonly string[];
  /** The same broker behind TLS and a password. Empty without `Lock`. */
  readonly lockedBrokers: readonly string[];
  /** Ends the broker and removes what it kept. Does nothing to brokers that were given by `KAFKA_BROKERS`. */
  stop(): Promise<void>;
  /** Ends the broker and leaves what it kept; `up` starts it again on the same port. Only for brokers of our own. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** A second listener, SASL_SSL, for SCRAM-SHA-512 and PLAIN. */
export interface Lock {
  /** Of the broker: private key (PKCS #8) and certificate, in PEM, for 127.0.0.1. */
  readonly keyAndCertificate: string;
  readonly user: string;
  readonly password: string;
}

const startDeadlineMs = 60_000;
// A combined broker and controller ends in about two seconds after SIGTERM. Where its controller is gone first it would
// wait for minutes to hand over leadership to nobody, so it is killed: KRaft recovers its log at the next start.
const stopDeadlineMs = 10_000;

/** A Kafka broker of its own on free ports in a temporary folder, or the one that `KAFKA_BROKERS` names. Needs Java 17 and Maven. */
export async function testKafka(): Promise<TestKafka> {
  const given = process.env['KAFKA_BROKERS'];
  if (given) return { brokers: given.split(','), lockedBrokers: [], stop: nothing, down: notOurs, up: notOurs };
  return startKafka();
}

/** A Kafka broker of its own, whatever the environment names. */
export async function startKafka(lock?: Lock): Promise<TestKafka> {
  const jars = await kafkaJars();
  const folder = await mkdtemp(join(tmpdir(), 'tributary-kafka-'));
  const [port, controllerPort, lockedPort] = [await freePort(), await freePort(), await freePort()];
  const settings = join(folder, 'server.properties');
  if (lock) await writeFile(join(folder, 'broker.pem'), lock.keyAndCertificate, { mode: 0o600 });
  await writeFile(settings, serverProperties({ folder, port, controllerPort, ...(lock ? { locked: { ...lock, port: lockedPort } } : {}) }));
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const scram = lock ? ['--add-scram', `SCRAM-SHA-512=[name=${lock.user},password=${lock.password}]`] : [];
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings, ...scram];
  await run('java', ['-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, ...format]);
  let broker: ChildProcess | undefined;
  const up = async (): Promise<void> => {
    broker = await startBroker({ jars, settings, folder, port });
  };
  const down = async (): Promise<void> => {
    if (broker) await endBroker(broker);
    broker = undefined;
  };
  await up();
  return {
    brokers: [`127.0.0.1:${port}`],
    lockedBrokers: lock ? [`127.0.0.1:${lockedPort}`] : [],
    up,
    down,
    async stop() {
      await down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const run = promisify(execFile);
const nothing = (): Promise<void> => Promise.resolve();
const notOurs = (): Promise<void> => Promise.reject(new Error('brokers given by KAFKA_BROKERS are not ours to stop'));

/** The folder with the broker's jars, fetched by Maven once per version of the pom and kept under .cache. */
async function kafkaJars(): Promise<string> {
  const pom = resolve(import.meta.dirname, 'kafka.pom.xml');
  const digest = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const cache = resolve(import.meta.dirname, '../../.cache');
  const jars = join(cache, `kafka-${digest}`);
  if (existsSync(jars)) return jars;
  await mkdir(cache, { recursive: true });
  // Filled beside and renamed, so that a fetch that was cut off, or two at once, leave no half folder.
  const filling = await mkdtemp(join(cache, 'kafka-filling-'));
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${filling}`], { maxBuffer: 1 << 24 });
  await rename(filling, jars).catch(async (error: unknown) => {
    await rm(filling, { recursive: true, force: true });
    if (!existsSync(jars)) throw error;
  });
  return jars;
}

type BrokerPlace = {
  readonly folder: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly locked?: Lock & { readonly port: number };
};

function serverProperties({ folder, port, controllerPort, locked }: BrokerPlace): string {
  const lockedListener = locked ? `,SASL_SSL://127.0.0.1:${locked.port}` : '';
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${lockedListener}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}${lockedListener}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
log.dirs=${join(folder, 'log')}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
${locked ? lockedProperties(folder, locked) : ''}`;
}

function lockedProperties(folder: string, { user, password }: Lock): string {
  const login = 'org.apache.kafka.common.security';
  return `ssl.keystore.type=PEM
ssl.keystore.location=${join(folder, 'broker.pem')}
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${user}="${password}";
`;
}

type BrokerStart = { readonly jars: string; readonly settings: string; readonly folder: string; readonly port: number };

async function startBroker({ jars, settings, folder, port }: BrokerStart): Promise<ChildProcess> {
  const out = await open(join(folder, 'broker.out'), 'a');
  const heap = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const broker = spawn('java', [...heap, '-cp', `${jars}/*`, 'kafka.Kafka', settings], { stdio: ['ignore', out.fd, out.fd] });
  await out.close();
  const orphaned = (): void => void broker.kill('SIGKILL');
  process.once('exit', orphaned);
  broker.once('exit', () => process.off('exit', orphaned));
  const deadline = Date.now() + startDeadlineMs;
  while (!(await answers(port))) {
    if (broker.exitCode !== null || Date.now() > deadline) {
      broker.kill('SIGKILL');
      throw new Error(`Kafka did not start:\n${await readFile(join(folder, 'broker.out'), 'utf8')}`);
    }
    await delay(50);
  }
  return broker;
}

async function endBroker(broker: ChildProcess): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const gone = new Promise((done) => broker.once('exit', done));
  broker.kill('SIGTERM');
  const late = setTimeout(() => broker.kill('SIGKILL'), stopDeadlineMs);
  await gone;
  clearTimeout(late);
}

/** Whether a broker answers ApiVersions (key 18), which it does once it is registered and serves. */
function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answered: boolean) => (): void => {
      socket.destroy();
      done(answered);
    };
    socket.setTimeout(1000, end(false));
    socket.once('error', end(false)).once('data', end(true));
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255])));
  });
}

if (import.meta.main) {
  const kafka = await testKafka();
  console.log(`KAFKA_BROKERS=${kafka.brokers.join(',')}`);
  const end = (): void => void kafka.stop().then(() => process.exit(0));
  process.once('SIGINT', end).once('SIGTERM', end);
  setInterval(() => undefined, 1 << 30);
}
