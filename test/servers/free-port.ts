import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that operating systems give to outgoing connections (Linux: from 32768): none of these can take the port before a server has it. */
const [lowest, highest] = [10_000, 32_768] as const;

/** A port of this machine that nobody listens on, for a server that must know it before it starts, or keep it over a restart. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port);
  const listens = await once(probe, 'listening').then(
    () => true,
    () => false,
  );
  if (listens) await once(probe.close(), 'close');
  return listens;
}
