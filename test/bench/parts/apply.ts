import { applyConfiguration, compileSchema, fieldsReset, fieldTypeOf, type JsonObject, type TrackedWrite } from '#kube';
import type { Figure } from '../figure.ts';
import { largeObject, largeSchema } from '../large-object.ts';
import type { Bench } from '../part.ts';

const goalPerSecond = 2_000;

/** Server-side apply of an object of 5 KB that somebody else has a part of: the work of one core, without network and log. */
export async function apply(bench: Bench): Promise<readonly Figure[]> {
  const applies = bench.quick ? 500 : 10_000;
  let live = applied(undefined, largeObject('large', 0), 'ci');
  live = applied(live, { ...largeObject('large', 0), spec: { section20: { name: 'theirs', replicas: 1 } } }, 'autoscaler');
  for (let turn = 1; turn <= applies / 5; turn++) live = applied(live, largeObject('large', turn), 'ci');
  const before = process.cpuUsage();
  for (let turn = 1; turn <= applies; turn++) live = applied(live, largeObject('large', turn), 'ci');
  const { user, system } = process.cpuUsage(before);
  const perSecond = applies / ((user + system) / 1e6);
  const bytes = JSON.stringify(largeObject('large', 1)).length;
  bench.note(`apply: ${bytes} bytes sent each time, ${JSON.stringify(live).length} kept; counted in time of the processor`);
  return [
    {
      figure: `server-side apply of an object of ${(bytes / 1000).toFixed(1)} KB, one core`,
      measured: `${perSecond.toFixed(0)}/s`,
      floor: '',
      verdict: `${(1e6 / perSecond).toFixed(0)} µs each`,
      goal: `≥ ${goalPerSecond}/s`,
      met: perSecond >= goalPerSecond,
    },
  ];
}

const type = fieldTypeOf(compileSchema(largeSchema));
const resets = fieldsReset(type, '', true);
const versions = { typeOf: () => type, convert: (object: JsonObject) => object };

function applied(live: JsonObject | undefined, config: JsonObject, manager: string): JsonObject {
  const at = '2026-01-01T00:00:00Z';
  const write: TrackedWrite = { manager, apiVersion: 'bench.tributary.io/v1', subresource: '', at, versions, resets };
  const outcome = applyConfiguration(live, config, { ...write, force: true });
  if (outcome.type !== 'applied') throw new Error(`an apply was not taken: ${outcome.message}`);
  const metadata = { ...(outcome.object['metadata'] as JsonObject), managedFields: outcome.managedFields ?? [] };
  return { ...outcome.object, metadata };
}
