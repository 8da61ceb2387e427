import { instanceText } from '../bench-export.ts';
import { measureBusy } from '../busy.ts';
import { Cluster, type ApiProcess } from '../cluster.ts';
import { Consumer, instancesPath } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { milliseconds, spread } from '../latencies.ts';
import { joined, perSecond, type Round } from '../load.ts';
import type { Bench } from '../part.ts';
import { byChance, byRendezvous, RoutedLoad, type Route } from '../routed-load.ts';

const accounts = 64;
const ratioGoal = 1.3;
const p99RatioGoal = 2;

/** Creates in many accounts through two API processes over one PostgreSQL, against the same through one. */
export async function twoApis(bench: Bench): Promise<readonly Figure[]> {
  const cluster = await Cluster.start(bench);
  const first = await cluster.startApi();
  const projector = await cluster.startProjector();
  const consumer = await Consumer.of(first);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const paths: string[] = [];
  for (let index = 0; index < accounts; index++) paths.push(await consumer.openBoundAccount(`two-apis-${index}`));

  const { rounds, seconds } = bench.quick ? { rounds: 2, seconds: 1 } : { rounds: 3, seconds: 4 };
  const measure = async (what: string, apis: readonly ApiProcess[], route: Route): Promise<Round> => {
    const load = await RoutedLoad.open(apis, paths, (workspace, serial) => ({
      path: instancesPath(workspace),
      body: instanceText(`bin-${what}-${String(serial).padStart(8, '0')}`, 'ordered by the benchmark'),
    }));
    await load.run(route, seconds);
    const pids = Object.fromEntries(apis.map(({ pid }, index) => [`api ${index + 1}`, pid]));
    const busy = await measureBusy({ ...pids, projector });
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) measured.push(await load.run(route, seconds));
    const round = joined(measured);
    bench.note(`creates, ${what}: ${perSecond(round).toFixed(0)}/s, ${spread(round.latencies)}; ${await busy()}`);
    load.close();
    return round;
  };

  // One before and one after, so that a machine that gets slower or faster meanwhile tells for neither.
  const before = await measure('one-before', [first], byRendezvous);
  const second = await cluster.startApi();
  const routed = await measure('routed', [first, second], byRendezvous);
  const scattered = await measure('scattered', [first, second], byChance);
  await second.stop();
  const after = await measure('one-after', [first], byRendezvous);
  const one = joined([before, after]);
  return [...figures('each account at its process', routed, one), ...figures('each request anywhere', scattered, one)];
}

function figures(how: string, two: Round, one: Round): readonly Figure[] {
  const ratio = perSecond(two) / perSecond(one);
  const [p99, p99OfOne] = [two.latencies.percentile(99), one.latencies.percentile(99)];
  return [
    {
      figure: `creates through two API processes, ${how}`,
      measured: `${perSecond(two).toFixed(0)}/s`,
      floor: `one process ${perSecond(one).toFixed(0)}/s`,
      verdict: `ratio ${ratio.toFixed(2)}`,
      goal: `≥ ${ratioGoal}`,
      met: ratio >= ratioGoal,
    },
    {
      figure: `latency of these creates, ${how}`,
      measured: spread(two.latencies),
      floor: `p99 ${milliseconds(p99OfOne)}`,
      verdict: `p99 ratio ${(p99 / p99OfOne).toFixed(2)}`,
      goal: `≤ ${p99RatioGoal}`,
      met: p99 <= p99OfOne * p99RatioGoal,
    },
  ];
}
