import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { PersistedQueries } from '../ask/persisted-queries.ts';
import { SchemaCache } from '../schema/schema-cache.ts';
import type { Visit } from '../visit.ts';
import { createSocketServer } from './socket-server.ts';
import { SubscriptionCount } from './subscription-count.ts';

/** A socket that takes what is sent, and says what it is told to say. */
class Pretended extends EventEmitter {
  readonly protocol = 'graphql-transport-ws';
  readonly bufferedAmount = 0;
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: string[] = [];

  send(text: string, _: unknown, sent: () => void): void {
    this.sent.push(text);
    sent();
  }

  close(): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 3;
    this.emit('close', 1000, Buffer.from(''));
  }

  terminate(): void {
    this.close();
  }
}

function given() {
  const unfollow = vi.fn();
  const onAccessChange = vi.fn(() => unfollow);
  const visit = { workspace: { onAccessChange }, credential: undefined, untilMs: undefined } as unknown as Visit;
  const words = {} as Parameters<typeof createSocketServer>[0]['words'];
  const open = createSocketServer({
    words,
    schemas: new SchemaCache(),
    count: new SubscriptionCount(),
    persisted: new PersistedQueries(),
  });
  return { open, visit, onAccessChange, unfollow, socket: new Pretended() };
}

const hello = Buffer.from(JSON.stringify({ type: 'connection_init', payload: { Authorization: 'Bearer x' } }));

test('whoever says who they are is followed until they go', async () => {
  const { open, visit, onAccessChange, unfollow, socket } = given();
  open(socket as never, { type: 'stranger', admit: () => Promise.resolve(visit) });
  socket.emit('message', hello);
  await vi.waitUntil(() => socket.sent.length > 0);
  expect(JSON.parse(socket.sent[0] ?? '')).toEqual({ type: 'connection_ack' });
  expect(onAccessChange).toHaveBeenCalledTimes(1);
  expect(unfollow).not.toHaveBeenCalled();
  socket.close();
  expect(unfollow).toHaveBeenCalledTimes(1);
});

test('whoever has gone before they were admitted is not followed for ever', async () => {
  const { open, visit, onAccessChange, unfollow, socket } = given();
  const admitted = Promise.withResolvers<Visit>();
  open(socket as never, { type: 'stranger', admit: () => admitted.promise });
  socket.emit('message', hello);
  socket.close();
  admitted.resolve(visit);
  await new Promise((resolve) => setImmediate(resolve));
  expect(unfollow).toHaveBeenCalledTimes(onAccessChange.mock.calls.length);
});
