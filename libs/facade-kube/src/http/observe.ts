import { counter, histogram } from '#telemetry';
import { builtinKinds } from '#workspace';
import type { InFlight } from '../in-flight/in-flight.ts';

/** As upstream's metrics call the verbs of the API. */
const verbs = {
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  create: 'POST',
  update: 'PUT',
  delete: 'DELETE',
  deletecollection: 'DELETECOLLECTION',
} as const;
/** Of those kinds that every workspace has; what consumers define and bind is counted as `other`, for its names are without number. */
const resources = builtinKinds.map(({ resource }) => resource);
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

const all = [...Object.values(verbs), 'PATCH', 'APPLY'] as const;

const requests = counter({
  name: 'apiserver_request_total',
  help: 'Requests answered, by verb, resource and HTTP code.',
  labels: { verb: all, resource: resources, code: codes },
});
const durations = histogram({
  name: 'apiserver_request_duration_seconds',
  help: 'Time from the request line to the last byte of the answer. Watches are left out: they last as long as they may.',
  labels: { verb: all, resource: resources },
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 4, 5, 10, 15, 30, 60],
});

type Code = (typeof codes)[number];

/** Counts a request whose answer is complete, or given up. */
export function observeRequest({ request, response, path, beganMs }: InFlight): void {
  const isResource = path.type === 'resource';
  const verb = path.type === 'refused' ? 'other' : path.verb === 'patch' ? patchVerb(request.headers['content-type']) : verbOf(path.verb);
  const resource = isResource ? path.resource : '';
  requests.add({ verb, resource, code: String(response.statusCode) as Code });
  if (verb !== 'WATCH') durations.observe({ verb, resource }, (performance.now() - beganMs) / 1_000);
}

const patchVerb = (contentType: string | undefined): 'APPLY' | 'PATCH' =>
  contentType?.startsWith('application/apply-patch') ? 'APPLY' : 'PATCH';

const verbOf = (verb: string): (typeof all)[number] | 'other' => (Object.hasOwn(verbs, verb) ? verbs[verb as keyof typeof verbs] : 'other');
