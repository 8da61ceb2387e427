import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { storedObject } from '../testing/index.ts';
import { HttpOutlet } from './watch-outlet.ts';
import { WatchStream } from './watch-stream.ts';

const widget = (name: string, text = '') =>
  storedObject({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, resourceVersion: '1' }, spec: { text } }, 1n);
const added = (name: string) => ({ type: 'ADDED', object: widget(name), position: 1n }) as const;

/** A stream whose lines are `ADDED name`, into a pipe that nobody has to read. */
function given(pipeBytes?: number) {
  const pipe = new PassThrough({
    ...(pipeBytes === undefined ? {} : { writableHighWaterMark: pipeBytes, readableHighWaterMark: pipeBytes }),
  });
  const stream = new WatchStream(new HttpOutlet(pipe as unknown as ServerResponse), (type, object) =>
    Buffer.from(`${type} ${object.name}${JSON.stringify(object.object.spec ?? '').length > 100 ? 'x'.repeat(1024 * 1024) : ''}\n`),
  );
  return { pipe, stream, read: () => String((pipe.read() as Buffer | null) ?? '') };
}

describe('a watch stream', () => {
  it('lets events wait until the objects that were there first are written', async () => {
    const { stream, read, pipe } = given(16);
    const begun = stream.begin([widget('a'), widget('b'), widget('c')], Buffer.from('END\n'));
    stream.events([added('d')]);
    await nextTurn();
    await nextTurn();
    let text = '';
    pipe.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await begun;
    await vi.waitUntil(() => text.includes('ADDED d'));
    expect(text).toBe('ADDED a\nADDED b\nADDED c\nEND\nADDED d\n');
    expect(read()).toBe('');
  });

  it('writes what happens in one breath in one piece', async () => {
    const { stream, pipe } = given();
    await stream.begin([], undefined);
    const pieces: string[] = [];
    pipe.on('data', (chunk: Buffer) => pieces.push(chunk.toString()));
    stream.events([added('a'), added('b')]);
    stream.events([added('c')]);
    await vi.waitUntil(() => pieces.length > 0);
    expect(pieces).toEqual(['ADDED a\nADDED b\nADDED c\n']);
  });

  it('drops a reader that leaves too much unread, however slowly it piles up', async () => {
    const { stream, pipe } = given();
    await stream.begin([], undefined);
    const big = { type: 'MODIFIED', object: widget('big', 'x'.repeat(200)), position: 1n } as const;
    let sent = 0;
    while (!pipe.destroyed && sent < 30) {
      stream.events([big]);
      stream.flush();
      sent += 1;
      await nextTurn();
    }
    expect(pipe.destroyed).toBe(true);
    expect(sent).toBeGreaterThan(7);
  });

  it('drops a reader for whom too much waits before it has begun', () => {
    const { stream, pipe } = given();
    const big = { type: 'MODIFIED', object: widget('big', 'x'.repeat(200)), position: 1n } as const;
    for (let count = 0; count < 9; count += 1) stream.events([big]);
    expect(pipe.destroyed).toBe(true);
  });

  it('is cut off with what waits, in the midst of its first objects too', async () => {
    const { stream, pipe } = given(16);
    let text = '';
    stream.events([added('late')]);
    const begun = stream.begin(
      Array.from({ length: 500 }, (_, index) => widget(`w${index}`)),
      Buffer.from('END\n'),
    );
    stream.cut();
    pipe.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.events([added('later')]);
    await begun;
    await vi.waitUntil(() => pipe.writableFinished);
    expect(text).toMatch(/^ADDED w0\n/);
    expect(text).not.toMatch(/w200|late|END/);
  });

  it('ends behind its last event', async () => {
    const { stream, pipe } = given();
    await stream.begin([], undefined);
    let text = '';
    pipe.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.events([added('a')]);
    stream.ended();
    await vi.waitUntil(() => pipe.writableFinished);
    expect(text).toBe('ADDED a\n');
  });

  it('says why it ends, where that is a failure', async () => {
    const { stream, pipe } = given();
    await stream.begin([], undefined);
    let text = '';
    pipe.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.events([added('a')]);
    const why = 'conversion webhook for example.com/v1, Kind=Widget failed: not today';
    stream.ended(Object.assign(new Error(why), { name: 'ConversionFailed' }));
    await vi.waitUntil(() => pipe.writableFinished);
    const [first, last = ''] = text.split('\n');
    expect(first).toBe('ADDED a');
    expect(JSON.parse(last)).toEqual({
      type: 'ERROR',
      object: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: `Internal error occurred: ${why}`,
        reason: 'InternalError',
        details: { causes: [{ message: why }] },
        code: 500,
      },
    });
  });
});
