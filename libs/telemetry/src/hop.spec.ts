import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterEach, expect, test } from 'vitest';
import { hop, logHops } from './hop.ts';
import { createLogger, type LogLevel } from './logger.ts';
import { startTracing, traceInto } from './tracing.ts';

afterEach(() => logHops(undefined));

function lines(level: LogLevel) {
  const written: Record<string, unknown>[] = [];
  logHops(createLogger({ level, name: 'test', to: { write: (line) => written.push(JSON.parse(line) as Record<string, unknown>) } }));
  return written;
}

test('a hop answers what its station answers, and throws what it throws', async () => {
  expect(hop('a.ts', {}, () => 7)).toBe(7);
  await expect(hop('a.ts', {}, () => Promise.resolve(8))).resolves.toBe(8);
  expect(() => hop('a.ts', {}, () => raise())).toThrow('boom');
});

test('at debug level each hop is one line, in the order of the journey', () => {
  const written = lines('debug');
  hop('facade-kube/answers/create.ts', { verb: 'create' }, () => hop('workspace/verbs/create.ts', { position: 12n }, () => undefined));
  expect(written).toMatchObject([
    { hop: 'facade-kube/answers/create.ts', verb: 'create', level: 'debug' },
    { hop: 'workspace/verbs/create.ts', position: '12' },
  ]);
});

test('at info level hops write nothing', () => {
  const written = lines('info');
  hop('a.ts', {}, () => undefined);
  expect(written).toEqual([]);
});

test('without an endpoint nothing is traced; with one, spans nest along the hops and carry failures', async () => {
  await (await startTracing({ serviceName: 'api', env: {} })).stop();
  const exporter = new InMemorySpanExporter();
  const tracing = await traceInto(new SimpleSpanProcessor(exporter), 'api');
  await hop('outer.ts', { verb: 'create' }, async () => {
    await Promise.resolve();
    hop('inner.ts', {}, () => undefined);
  });
  await expect(hop('failing.ts', {}, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  expect(() => hop('throwing.ts', {}, () => raise())).toThrow('boom');
  const spans = new Map(exporter.getFinishedSpans().map((span) => [span.name, span]));
  await tracing.stop();
  expect([...spans.keys()]).toEqual(['inner.ts', 'outer.ts', 'failing.ts', 'throwing.ts']);
  expect(spans.get('inner.ts')?.parentSpanContext?.spanId).toBe(spans.get('outer.ts')?.spanContext().spanId);
  expect(spans.get('outer.ts')?.attributes).toEqual({ verb: 'create' });
  expect(spans.get('outer.ts')?.resource.attributes['service.name']).toBe('api');
  expect(spans.get('failing.ts')?.status.code).toBe(2);
  expect(spans.get('throwing.ts')?.status.code).toBe(2);
});

function raise(): never {
  throw new Error('boom');
}
