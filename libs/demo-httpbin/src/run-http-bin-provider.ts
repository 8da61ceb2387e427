import {
  runProvider,
  type Desired,
  type JsonObject,
  type ProviderChannel,
  type ProviderOptions,
  type RunningProvider,
} from '#provider-sdk';
import { startHttpBin, type HttpBin, type HttpBinProfile } from './http-bin.ts';

export type HttpBinProviderOptions = {
  readonly channel: ProviderChannel;
  readonly logger: ProviderOptions['logger'];
  /** How reports are counted; by the clock alone when absent. */
  readonly nextSequence?: (() => bigint) | undefined;
};

export const httpBinExport = 'orchestrate.platform-mesh.io';

/** The demo provider: delivers an HttpBin as a real HTTP service on loopback. Keeps nothing: its topic tells it what to run. */
export function runHttpBinProvider({ channel, logger, nextSequence }: HttpBinProviderOptions): RunningProvider {
  const running = new Map<string, HttpBin>();

  const reconcile = async (desired: Desired): Promise<JsonObject> => {
    const profile = profileOf(desired);
    const known = running.get(desired.uid);
    known?.become(profile);
    const bin = known ?? (await startHttpBin(profile));
    running.set(desired.uid, bin);
    if (!known) logger.info({ uid: desired.uid, name: profile.name, url: bin.url }, 'an HttpBin is delivered');
    return statusOf(bin, profile.generation);
  };
  const release = async ({ uid }: Pick<Desired, 'uid'>): Promise<void> => {
    const bin = running.get(uid);
    running.delete(uid);
    await bin?.stop();
    if (bin) logger.info({ uid, url: bin.url }, 'an HttpBin is gone');
  };
  const onCaughtUp = async (liveUids: ReadonlySet<string>): Promise<void> => {
    for (const uid of [...running.keys()]) if (!liveUids.has(uid)) await release({ uid });
  };

  const counted = nextSequence === undefined ? {} : { nextSequence };
  const provider = runProvider({
    channel,
    export: httpBinExport,
    plurals: ['httpbins'],
    reconcile,
    release,
    onCaughtUp,
    logger,
    ...counted,
  });
  return {
    caughtUp: provider.caughtUp,
    async stop() {
      await provider.stop();
      await Promise.all([...running.values()].map((bin) => bin.stop()));
      running.clear();
    },
  };
}

function profileOf({ account, uid, object: { metadata, spec } }: Desired): HttpBinProfile {
  const region = spec?.['region'];
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid,
    account,
    region: typeof region === 'string' ? region : '',
    generation: metadata.generation,
  };
}

function statusOf({ url, since }: HttpBin, generation: number): JsonObject {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Serving',
    message: `answers at ${url}`,
    observedGeneration: generation,
    lastTransitionTime: since,
  };
  return { url, ready: true, observedGeneration: generation, conditions: [ready] };
}
