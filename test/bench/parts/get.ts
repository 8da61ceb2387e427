import { instanceText } from '../bench-export.ts';
import { measureBusy } from '../busy.ts';
import { Consumer, instancesPath, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Floor } from '../floor.ts';
import { spread } from '../latencies.ts';
import { compare, Load, perSecond } from '../load.ts';
import type { Bench } from '../part.ts';

const connections = 64;
const ratioGoal = 0.5;

/** GET of one object, against a bare server that answers the same bytes. */
export async function get(bench: Bench): Promise<readonly Figure[]> {
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const workspace = await consumer.openBoundAccount('get');
  await consumer.ask('POST', instancesPath(workspace), JSON.parse(instanceText('bin', 'read by the benchmark')) as object);
  const path = `${instancesPath(workspace)}/bin`;
  const { body } = await consumer.ask('GET', path);

  const floor = await Floor.start(server, { withLog: false });
  bench.atEnd(() => floor.remove());
  await floor.serve(body);
  const toSubject = requestText(server, 'GET', path);
  const toFloor = requestText({ address: floor.address, token: server.token }, 'GET', path);
  const loads = {
    subject: await Load.open(server.address, connections, () => toSubject),
    floor: await Load.open(floor.address, connections, () => toFloor),
  };
  const busy = await measureBusy({ subject: server.pid, floor: floor.pid });
  const { subject, floor: bare } = await compare(loads, bench.quick ? { rounds: 2, seconds: 0.5 } : { rounds: 4, seconds: 3 });
  loads.subject.close();
  loads.floor.close();
  bench.note(`GET: ${spread(subject.latencies)}; floor ${spread(bare.latencies)}; over both: ${await busy()}`);
  const ratio = perSecond(subject) / perSecond(bare);
  return [
    {
      figure: `GET of one object (${body.length} bytes), ${connections} connections`,
      measured: `${perSecond(subject).toFixed(0)}/s`,
      floor: `${perSecond(bare).toFixed(0)}/s`,
      verdict: `ratio ${ratio.toFixed(2)}`,
      goal: `≥ ${ratioGoal}`,
      met: ratio >= ratioGoal,
    },
  ];
}
