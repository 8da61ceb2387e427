import { viewNames } from '#projection';
import type { Bridge } from '#bridge';
import type { Keys } from '#keys';
import type { Stores } from '../stores.ts';
import { Progress } from './progress.ts';

/** What an installation is made of, as probes and metrics call it. */
export const partNames = ['log', 'views', 'policy', 'bridge', 'kafka', 'keys'] as const;
export type PartName = (typeof partNames)[number];

/** One part, and how to find out what is wrong with it. */
export type Part = {
  readonly name: PartName;
  /** Whether requests fail without it. */
  readonly required: boolean;
  readonly everyMs: number;
  /** What is wrong, in words that anybody may read; undefined where nothing is. Throwing says that it does not answer. */
  readonly look: () => Promise<string | undefined>;
};

export type PartsOptions = {
  readonly stores: Stores;
  readonly keys: Pick<Keys, 'find'>;
  readonly bridge?: Bridge | undefined;
  /** Whether providers are reached over brokers. */
  readonly usesKafka: boolean;
};

const lookOftenMs = 1_000;
const lookSeldomMs = 5_000;

/** The parts that this process can look at. Views and policy may run in another: they are seen by what they have done. */
export function partsOf({ stores, keys, bridge, usesKafka }: PartsOptions): readonly Part[] {
  return [
    { name: 'log', required: true, everyMs: lookOftenMs, look: () => stores.check().then(() => undefined) },
    { name: 'views', required: false, everyMs: lookSeldomMs, look: viewsLook(stores) },
    { name: 'policy', required: false, everyMs: lookSeldomMs, look: policyLook(stores) },
    ...(bridge ? bridgeParts(bridge, usesKafka) : []),
    // Only Secrets cannot be read without them.
    { name: 'keys', required: false, everyMs: lookSeldomMs, look: () => keys.find('', 'proof').then(() => undefined) },
  ];
}

function viewsLook({ views, log }: Stores): Part['look'] {
  const progress = new Map(viewNames.map((name) => [name, new Progress()]));
  return async () => {
    const failed = (await views.failures()).map(({ table }) => table);
    const head = await log.headOfAll();
    const wrong: string[] = failed.map((table) => `${table} cannot show an event`);
    for (const [name, seen] of progress) {
      const { position } = await views.state(name);
      if (!failed.includes(name) && seen.isStuck(position, head)) wrong.push(`${name} is ${head - position} positions behind`);
    }
    return wrong.length === 0 ? undefined : wrong.join(', ');
  };
}

function policyLook({ checkpoints, log }: Stores): Part['look'] {
  const progress = new Progress();
  return async () => {
    const head = await log.headOfAll();
    const position = await checkpoints.load('policy');
    return progress.isStuck(position, head) ? `it is ${head - position} positions behind` : undefined;
  };
}

/** Orders queue in the log meanwhile: the API itself can go on. */
function bridgeParts(bridge: Bridge, usesKafka: boolean): readonly Part[] {
  const statesOf = async (): Promise<readonly string[]> => {
    const { specs, statuses } = await bridge.health();
    return [specs.state, statuses.state];
  };
  const look: Part['look'] = async () => {
    const states = await statesOf();
    if (states.includes('fenced')) return 'another process has taken over';
    if (states.includes('refusing')) return 'a topic stands other than the contract says';
    return states.includes('retrying') || states.includes('stopped') ? 'orders wait in the log' : undefined;
  };
  const brokers: Part['look'] = async () => ((await statesOf()).includes('retrying') ? 'providers cannot be reached' : undefined);
  const part = { required: false, everyMs: lookOftenMs };
  return [{ ...part, name: 'bridge', look }, ...(usesKafka ? [{ ...part, name: 'kafka' as const, look: brokers }] : [])];
}
