import { expect, test } from 'vitest';
import { collectRuntimeMetrics, counter, gauge, histogram, metricsText } from './metrics.ts';

test('a counter counts by its declared labels, and strangers as other', async () => {
  const requests = counter({ name: 'tributary_spec_requests_total', help: 'Requests.', labels: { verb: ['get', 'list'] } });
  requests.add({ verb: 'get' });
  requests.add({ verb: 'get' }, 2);
  for (let index = 0; index < 100; index++) requests.add({ verb: `made-up-${index}` as 'get' });
  const text = await metricsText();
  expect(text).toContain('tributary_spec_requests_total{verb="get"} 3\n');
  expect(text).toContain('tributary_spec_requests_total{verb="other"} 100\n');
  expect(text).not.toContain('made-up');
});

test('of values that clients choose, the first are told apart', async () => {
  const operations = counter({ name: 'tributary_spec_operations_total', help: 'Operations.', labels: { operation: { first: 2 } } });
  for (const operation of ['b', 'a', 'b', 'c', 'x'.repeat(65)]) operations.add({ operation });
  const lines = (await metricsText()).split('\n').filter((line) => line.startsWith('tributary_spec_operations_total'));
  expect(lines.map((line) => line.replace(/.*operation=/, '')).sort()).toEqual(['"a"} 1', '"b"} 2', '"other"} 2']);
});

test('a histogram observes into its buckets', async () => {
  const seconds = histogram({ name: 'tributary_spec_append_seconds', help: 'Appends.', buckets: [0.01, 0.1] });
  seconds.observe({}, 0.05);
  expect(await metricsText()).toContain('tributary_spec_append_seconds_bucket{le="0.1"} 1\n');
});

test('a gauge asks its readers when scraped; readers add up and can leave', async () => {
  const watchers = gauge({ name: 'tributary_spec_watchers', help: 'Watchers.' });
  const leave = watchers.track({}, () => 3);
  watchers.track({}, () => 4);
  expect(await metricsText()).toContain('tributary_spec_watchers 7\n');
  leave();
  expect(await metricsText()).toContain('tributary_spec_watchers 4\n');
});

test('names that grow with use are refused as labels, and foreign names as metrics', () => {
  expect(() => counter({ name: 'tributary_spec_by_workspace_total', help: '', labels: { workspace: ['a'] } })).toThrow(/workspace/);
  expect(() => counter({ name: 'requests_total', help: '' })).toThrow(/tributary_/);
});

test('runtime metrics are added once', async () => {
  collectRuntimeMetrics();
  collectRuntimeMetrics();
  expect(await metricsText()).toContain('process_resident_memory_bytes');
});
