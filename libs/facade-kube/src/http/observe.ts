import { counter, histogram } from '#telemetry';
import type { InFlight } from '../in-flight/in-flight.ts';

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
const codes = [
  '101',
  '200',
  '201',
  '301',
  '304',
  '400',
  '401',
  '403',
  '404',
  '405',
  '406',
  '409',
  '410',
  '413',
  '415',
  '422',
  '429',
  '500',
  '503',
  '504',
] as const;

const requests = counter({
  name: 'tributary_kube_requests_total',
  help: 'Kubernetes requests answered, by verb and HTTP code.',
  labels: { verb: verbs, code: codes },
});
const durations = histogram({
  name: 'tributary_kube_request_seconds',
  help: 'Time from the request line to the last byte of the answer. Watches are left out: they last as long as they may.',
  labels: { verb: verbs },
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
});

type Verb = (typeof verbs)[number];
type Code = (typeof codes)[number];

/** Counts a request whose answer is complete, or given up. */
export function observeRequest({ response, path, beganMs }: InFlight): void {
  const verb = (path.type === 'refused' ? 'other' : path.verb) as Verb;
  requests.add({ verb, code: String(response.statusCode) as Code });
  if (verb !== 'watch') durations.observe({ verb }, (performance.now() - beganMs) / 1_000);
}
