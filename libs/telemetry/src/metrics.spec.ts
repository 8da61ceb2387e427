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

test('a counter of one label is there before it counts: an alert on its increase sees the first, too', async () => {
  const ignored = counter({ name: 'tributary_spec_ignored_total', help: 'Ignored.', labels: { reason: ['torn', 'ahead'] } });
  const lines = async () => (await metricsText()).split('\n').filter((line) => line.startsWith('tributary_spec_ignored_total'));
  expect(await lines()).toEqual(['tributary_spec_ignored_total{reason="torn"} 0', 'tributary_spec_ignored_total{reason="ahead"} 0']);
  ignored.add({ reason: 'ahead' });
  expect(await lines()).toEqual(['tributary_spec_ignored_total{reason="torn"} 0', 'tributary_spec_ignored_total{reason="ahead"} 1']);
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
  seconds.observe({}, 0.1);
  seconds.observe({}, 7);
  const text = await metricsText();
  expect(text).toContain('# TYPE tributary_spec_append_seconds histogram\n');
  for (const line of ['_bucket{le="0.01"} 0', '_bucket{le="0.1"} 2', '_bucket{le="+Inf"} 3', '_sum 7.15', '_count 3'])
    expect(text).toContain(`tributary_spec_append_seconds${line}\n`);
});

test('a gauge asks its readers when scraped; readers add up and can leave', async () => {
  const watchers = gauge({ name: 'tributary_spec_watchers', help: 'Watchers.' });
  const leave = watchers.track({}, () => 3);
  watchers.track({}, () => 4);
  expect(await metricsText()).toContain('tributary_spec_watchers 7\n');
  leave();
  expect(await metricsText()).toContain('tributary_spec_watchers 4\n');
});

test('places of several labels are told apart, and what was never counted is left out', async () => {
  const requests = counter({ name: 'tributary_spec_pairs_total', help: 'Pairs.', labels: { verb: ['get', 'list'], code: ['200', '404'] } });
  requests.add({ verb: 'get', code: '404' });
  requests.add({ verb: 'list', code: '200' }, 2);
  const lines = (await metricsText()).split('\n').filter((line) => line.startsWith('tributary_spec_pairs_total'));
  expect(lines).toEqual(['tributary_spec_pairs_total{verb="get",code="404"} 1', 'tributary_spec_pairs_total{verb="list",code="200"} 2']);
});

test('a reader may take its time, and one that fails is left out', async () => {
  const lag = gauge({ name: 'tributary_spec_lag', help: 'Lag.', labels: { follower: ['policy', 'bridge'] } });
  lag.track({ follower: 'policy' }, () => Promise.resolve(5));
  lag.track({ follower: 'bridge' }, () => Promise.reject(new Error('away')));
  const lines = (await metricsText()).split('\n').filter((line) => line.startsWith('tributary_spec_lag'));
  expect(lines).toEqual(['tributary_spec_lag{follower="policy"} 5']);
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
