import { Agent, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '#telemetry';
import { startGoldenServer } from '../conformance/golden/golden-server.ts';
import { fuzzedRequest, type FuzzedRequest } from './fuzz/requests.ts';
import { seeds } from './fuzz/seeds.ts';

// Requests that are nearly right, for a minute: none may draw a fault of ours, take long, or leave anything behind.
// FUZZ_SECONDS changes how long, FUZZ_SEED repeats what a failure names.

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 60);
const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** For a machine that does other things, too. */
const answerMsMax = 5_000;
const heapGrowthBytesMax = 24 * 1024 * 1024;
const heapGrowthShareMax = 0.15;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let server: Awaited<ReturnType<typeof startGoldenServer>>;
const faults: string[] = [];
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const codes = new Map<number, number>();

beforeAll(async () => {
  server = await startGoldenServer({ logger: createLogger({ level: 'error', name: 'fuzz', to: { write: (line) => faults.push(line) } }) });
  const order = seeds.toSorted((a, b) => Number(b.name === 'widgets.example.com') - Number(a.name === 'widgets.example.com'));
  for (const { collection, name, object } of order) {
    const { code, text } = await server.send('POST', collection, { 'content-type': 'application/json' }, JSON.stringify(object));
    expect(code, `${collection}/${name}: ${text}`).toBe(201);
  }
});
afterAll(async () => {
  agent.destroy();
  await server.stop();
});

type Answered = { readonly code: number; readonly text: string; readonly ms: number };

function ask({ method, path, headers, body }: FuzzedRequest): Promise<Answered> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: server.port,
        agent,
        method,
        path: `/clusters/root${path}`,
        headers: { authorization: `Bearer ${server.token}`, 'content-length': body.length, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), ms: performance.now() - began }),
        );
      },
    );
    sent.setTimeout(answerMsMax * 4, () => sent.destroy(new Error('no answer')));
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Upstream answers a few mistakes of the client with 500 and no reason; a fault of ours has one, and a line in the log. */
async function answersWell(sent: FuzzedRequest): Promise<void> {
  const { code, text, ms } = await ask(sent);
  codes.set(code, (codes.get(code) ?? 0) + 1);
  const line = faults.shift();
  if (line !== undefined) throw new Error(`a fault of ours: ${line}`);
  if (code === 500 && sent.method !== 'HEAD') expect(JSON.parse(text)).not.toHaveProperty('reason');
  expect(code).toBeLessThan(504);
  expect(ms).toBeLessThan(answerMsMax);
}

async function fuzz(forSeconds: number, from: number): Promise<number> {
  let count = 0;
  const property = fc.asyncProperty(fuzzedRequest, (sent) => {
    count += 1;
    return answersWell(sent);
  });
  const limits = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: forSeconds * 1_000, markInterruptAsFailure: false };
  await fc.assert(property, { seed: from, ...limits });
  return count;
}

function heapBytes(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('requests that are nearly right', () => {
  test(`are answered, soon, and forgotten (FUZZ_SEED=${seed})`, { timeout: (seconds + 60) * 1_000 }, async () => {
    // What is made once, such as compiled schemas and fields of managers, is made in the first half.
    const first = await fuzz(seconds / 2, seed);
    const before = heapBytes();
    const handles = process.getActiveResourcesInfo().length;
    const second = await fuzz(seconds / 2, seed + 1);
    const growth = heapBytes() - before;
    console.log(`${first + second} requests, heap ${before} ${growth >= 0 ? '+' : ''}${growth}`, Object.fromEntries(codes));
    expect(first + second).toBeGreaterThan(seconds * 5);
    expect(growth).toBeLessThan(Math.max(heapGrowthBytesMax, before * heapGrowthShareMax));
    expect(process.getActiveResourcesInfo().length).toBeLessThan(handles + 10);
    // As many were well as a fuzz that hits something must have.
    expect((codes.get(200) ?? 0) + (codes.get(201) ?? 0)).toBeGreaterThan(seconds / 2);
  });
});
