import { once } from 'node:events';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { readKubeconfig } from '../servers/tributary.ts';
import type { Place } from './place.ts';

const deadlineMs = 120_000;

/** Follows a subscription over SSE until so many results have come, or the soak is over, and leaves. @throws Error where it ends before. */
export async function listen({ server, over }: Place, path: string, body: object, results: number): Promise<void> {
  const access = await readKubeconfig(server.kubeconfig);
  if (!access) throw new Error('there is no kubeconfig');
  const headers = { authorization: `Bearer ${access.token}`, 'content-type': 'application/json', accept: 'text/event-stream' };
  const sent = request(new URL(path, server.url), { method: 'POST', ca: access.ca, headers, agent: false });
  sent.end(JSON.stringify(body));
  const late = setTimeout(() => sent.destroy(new Error(`listened ${deadlineMs} ms in vain`)), deadlineMs);
  const leave = (): void => void sent.destroy();
  over.addEventListener('abort', leave);
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let heard = 0;
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      heard += chunk.split('event: next').length - 1;
      if (heard >= results) return;
    }
    throw new Error(`the subscription ended after ${heard} results`);
  } catch (failure) {
    if (!over.aborted) throw failure;
  } finally {
    clearTimeout(late);
    over.removeEventListener('abort', leave);
    sent.destroy();
  }
}
