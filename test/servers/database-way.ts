import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as later } from 'node:timers/promises';

/** A way to a database that can be slow, cut or closed, as networks and disks behind them are. */
export interface DatabaseWay {
  /** The database's URL, by this way. */
  readonly url: string;
  /** Every answer takes so much longer; 0 is as fast as it can be. */
  slow(answerDelayMs: number): void;
  /** Breaks every connection off, in the middle of whatever it carries. */
  cut(): void;
  /** Cuts, and lets nobody in until it is opened. */
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

export async function databaseWay(databaseUrl: string): Promise<DatabaseWay> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let [delayMs, isShut] = [0, false];

  const server = createServer((near) => {
    if (isShut) {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.once('error', () => undefined).once('close', () => sockets.delete(socket));
    }
    near.on('data', (bytes) => far.write(bytes)).once('close', () => far.destroy());
    // One after the other, so that nothing overtakes.
    let turn = Promise.resolve();
    far.on('data', (bytes) => {
      turn = turn.then(async () => {
        if (delayMs > 0) await later(delayMs);
        near.write(bytes);
      });
    });
    far.once('close', () => void turn.then(() => near.destroy()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    slow: (answerDelayMs) => void (delayMs = answerDelayMs),
    cut,
    shut() {
      isShut = true;
      cut();
    },
    open: () => void (isShut = false),
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
