import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TributaryServer } from './tributary.ts';

/**
 * Stands between a client and the server, under the server's name, and interrupts watches as networks and time do. Another process asks for it by
 * `POST /-/cut`, `/-/end` and `/-/expire`.
 */
export interface InterruptingFront {
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  /** How many watches are open. */
  readonly watches: () => number;
  /** Breaks every open watch off, in the middle of it. */
  cut(): void;
  /** Ends every open watch as the server does when its time is over. */
  end(): void;
  /** Ends every open watch, and forgets where the next one wants to begin, and all before that, as the server does after ten minutes. */
  expire(): void;
  close(): Promise<void>;
}

export async function startInterruptingFront(server: Pick<TributaryServer, 'folder' | 'url'>): Promise<InterruptingFront> {
  const certificates = join(server.folder, 'certificates');
  const [cert, key, ca] = await Promise.all(['server.crt', 'server.key', 'ca.crt'].map((name) => readFile(join(certificates, name))));
  const open = new Set<ServerResponse>();
  let forgets = false;
  let forgotten = 0n;
  const end = (): void => {
    // One that the server has not answered yet is no watch that could end well.
    for (const answer of open) if (answer.headersSent) answer.end();
  };
  const interruptions = {
    cut() {
      for (const answer of open) answer.destroy();
    },
    end,
    expire() {
      forgets = true;
      end();
    },
  };

  const byPath = new Map(Object.entries(interruptions).map(([name, interrupt]) => [`/-/${name}`, interrupt]));

  const front = createServer({ cert, key }, (asked, answer) => {
    const url = new URL(asked.url ?? '', server.url);
    const isWatch = /^(true|1)$/.test(url.searchParams.get('watch') ?? '');
    const interrupt = byPath.get(url.pathname);
    if (interrupt) {
      interrupt();
      answer.end();
      return;
    }
    const begin = BigInt(url.searchParams.get('resourceVersion') ?? 0);
    if (isWatch && forgets && begin > 0n) [forgets, forgotten] = [false, begin];
    if (isWatch && begin > 0n && begin <= forgotten) {
      answer.writeHead(200, { 'content-type': 'application/json' }).end(expired(begin));
      return;
    }
    if (isWatch) {
      open.add(answer);
      answer.once('close', () => open.delete(answer));
    }
    pass(asked, answer, ca);
  });

  function pass(asked: IncomingMessage, answer: ServerResponse, ca: Buffer | undefined): void {
    const { hostname, port } = new URL(server.url);
    const { method = 'GET', url: path = '/', headers } = asked;
    const onward = request({ hostname, port, ca, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      answer.flushHeaders();
      // Not a pipe: what still comes after an interruption has nowhere to go.
      response.on('data', (chunk: Buffer) => answer.writableEnded || answer.write(chunk));
      response.once('end', () => answer.end());
      response.once('error', () => answer.destroy());
    });
    onward.once('error', () => answer.destroy());
    answer.once('close', () => onward.destroy());
    asked.pipe(onward);
  }

  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    url: `https://127.0.0.1:${(front.address() as AddressInfo).port}`,
    watches: () => open.size,
    ...interruptions,
    async close() {
      front.closeAllConnections();
      front.close();
      await once(front, 'close');
    },
  };
}

function expired(begin: bigint): string {
  const message = `too old resource version: ${begin} (${begin + 1n})`;
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'Expired', code: 410 };
  return `${JSON.stringify({ type: 'ERROR', object: status })}\n`;
}
