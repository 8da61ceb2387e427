import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an instance tells about itself in each answer. */
export type HttpBinProfile = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Cluster name of the consumer's workspace. */
  readonly account: string;
  readonly region: string;
  readonly generation: number;
};

/** A delivered instance: a small HTTP service on loopback that answers about itself and echoes the request. */
export interface HttpBin {
  readonly url: string;
  /** RFC 3339, seconds. */
  readonly since: string;
  /** Answers with this from now on. */
  become(profile: HttpBinProfile): void;
  /** Resolves when nobody can connect any more. */
  stop(): Promise<void>;
}

/** Prefers a port made of the uid, so that the URL stays the same over restarts of the provider. */
export async function startHttpBin(first: HttpBinProfile): Promise<HttpBin> {
  let profile = first;
  const server = createServer((request, response) => void answer(profile, request, response));
  const port = await listen(server, preferredPort(first.uid)).catch(() => listen(server, 0));
  return {
    url: `http://127.0.0.1:${port}/`,
    since: `${new Date().toISOString().slice(0, 19)}Z`,
    become: (next) => void (profile = next),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(profile: HttpBinProfile, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > echoBytesMax) break;
      chunks.push(chunk);
    }
  } catch {
    return; // the client went away
  }
  const { method, url, headers } = request;
  const tooLarge = bytes > echoBytesMax;
  const echo = {
    method,
    url,
    headers,
    ...(tooLarge ? { error: `bodies over ${echoBytesMax} bytes are not echoed` } : { body: Buffer.concat(chunks).toString() }),
  };
  response.writeHead(tooLarge ? 413 : 200, { 'content-type': 'application/json', ...(tooLarge ? { connection: 'close' } : {}) });
  response.end(`${JSON.stringify({ ...profile, request: echo })}\n`);
}

const echoBytesMax = 65_536;

/** Between 20000 and 31999: below the ports that systems give to outgoing connections. */
const preferredPort = (uid: string): number => 20_000 + (createHash('sha256').update(uid).digest().readUInt32BE(0) % 12_000);

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
