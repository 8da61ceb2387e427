import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { Agent, request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { parseJson } from '#json';
import type { ConversionWebhook } from '#kube';
import { histogram } from '#telemetry';

/** A webhook is a consumer's to name, and the server must not become a way into the network around it. */
export type WebhookReach = 'public' | 'any';

/** A conversion that a consumer's webhook did not do. An outage of theirs; the message is upstream's, complete. */
export class ConversionFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConversionFailed';
  }
}

const deadlineMs = 10_000;
const answerBytesMax = 32 * 1024 * 1024;
const socketsMax = 8;
const agentsMax = 100;

const webhookSeconds = histogram({
  name: 'tributary_webhook_seconds',
  help: 'Time that conversion webhooks of consumers took to answer, by whether they did.',
  labels: { outcome: ['answered', 'failed'] },
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});

/** Posts a ConversionReview, and answers the JSON that comes back. @throws Error saying why there is none */
export async function postReview(webhook: ConversionWebhook, review: object, reach: WebhookReach): Promise<unknown> {
  const beganMs = performance.now();
  let outcome: 'answered' | 'failed' = 'failed';
  try {
    const answer = await post(webhook, review, reach);
    outcome = 'answered';
    return answer;
  } finally {
    webhookSeconds.observe({ outcome }, (performance.now() - beganMs) / 1_000);
  }
}

function post(webhook: ConversionWebhook, review: object, reach: WebhookReach): Promise<unknown> {
  const { url } = webhook;
  if (url === undefined) throw new Error('a workspace has no services: name the webhook by its url');
  const { hostname, href } = new URL(url);
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  if (reach === 'public' && isIP(literal) !== 0 && !isPublic(literal))
    throw new Error(`Post ${JSON.stringify(href)}: ${notPublic(literal)}`);
  const body = JSON.stringify(review);
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`Post ${JSON.stringify(href)}: ${why}`));
    const request = httpsRequest(
      href,
      {
        method: 'POST',
        agent: agentOf(webhook),
        headers: { 'content-type': 'application/json', accept: 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(deadlineMs),
        ...(reach === 'public' ? { lookup: lookupPublic } : {}),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > answerBytesMax) request.destroy(new Error(`the answer is longer than ${answerBytesMax} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', ({ message }) => fail(message));
        response.on('end', () => {
          if (response.statusCode !== 200) return fail(`the server answered ${response.statusCode}`);
          try {
            resolve(parseJson(Buffer.concat(chunks).toString('utf8')));
          } catch {
            fail('the answer is no JSON');
          }
        });
      },
    );
    request.on('error', (error) => fail(error.name === 'TimeoutError' ? 'context deadline exceeded' : error.message));
    request.end(body);
  });
}

const agents = new Map<string, Agent>();

/** Connections are kept, for each authority apart. */
function agentOf({ caBundle = '' }: ConversionWebhook): Agent {
  let agent = agents.get(caBundle);
  if (agent) return agent;
  agent = new Agent({ keepAlive: true, maxSockets: socketsMax, timeout: deadlineMs, ...(caBundle === '' ? {} : { ca: caBundle }) });
  const [oldest] = agents;
  if (oldest && agents.size >= agentsMax) {
    oldest[1].destroy();
    agents.delete(oldest[0]);
  }
  agents.set(caBundle, agent);
  return agent;
}

const inside = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  inside.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(network, bits, 'ipv6');

/** An IPv4 address in the dress of IPv6 is checked as what it is. */
const isPublic = (address: string): boolean => !inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
const notPublic = (host: string): string => `${host} is not a public address`;

/** The address that is checked is the one that is connected to. */
const lookupPublic: LookupFunction = (hostname, options, done) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses: readonly LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error || !first) return done(error ?? new Error(`${hostname} has no address`), '', 4);
    if (!addresses.every(({ address }) => isPublic(address))) return done(new Error(notPublic(hostname)), '', 4);
    if (options.all) done(null, [...addresses]);
    else done(null, first.address, first.family);
  });
};
