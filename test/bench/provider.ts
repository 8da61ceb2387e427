// A provider that has nothing to do: it answers every order at once. Run as a process of its own.
import { KafkaProviderChannel } from '#adapter-kafka';
import { runProvider } from '#provider-sdk';
import { silentLogger } from '#telemetry';

const [brokers = '', exportName = '', plural = ''] = process.argv.slice(2);
const channel = new KafkaProviderChannel({
  brokers: brokers.split(','),
  prefix: 'tributary',
  clientId: 'bench-provider',
  logger: silentLogger,
});
const ready = { type: 'Ready', status: 'True', reason: 'Answered', message: '', lastTransitionTime: new Date().toISOString() };
const provider = runProvider({
  channel,
  export: exportName,
  plurals: [plural],
  logger: silentLogger,
  concurrencyMax: 256,
  reconcile: ({ uid }) => Promise.resolve({ url: `http://127.0.0.1/${uid}`, ready: true, conditions: [ready] }),
  release: () => Promise.resolve(),
});
await provider.caughtUp;
process.send?.({ caughtUp: true });
process.once('SIGTERM', () => {
  process.disconnect();
  void provider.stop().then(() => channel.close());
});
