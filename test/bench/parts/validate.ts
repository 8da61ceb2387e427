import { compileSchema } from '#kube';
import type { Figure } from '../figure.ts';
import { largeObject, largeSchema } from '../large-object.ts';
import { Latencies } from '../latencies.ts';
import type { Bench } from '../part.ts';

const goalMicroseconds = 150;

/** Checking an object of 5 KB against a schema of 300 fields with 10 rules. */
export async function validate(bench: Bench): Promise<readonly Figure[]> {
  const rounds = bench.quick ? 500 : 20_000;
  const schema = compileSchema(largeSchema);
  const objects = Array.from({ length: 16 }, (_, index) => largeObject(`large-${index}`, index));
  const durations = new Latencies();
  for (let round = -rounds; round < rounds; round++) {
    const object = objects[Math.abs(round) % objects.length];
    if (!object) continue;
    const began = performance.now();
    const causes = schema.validate(object);
    const took = performance.now() - began;
    if (causes.length > 0) throw new Error(`a sound object was found wanting: ${JSON.stringify(causes)}`);
    if (round >= 0) durations.push(took);
  }
  const [median, p99] = [50, 99].map((percent) => (1000 * durations.percentile(percent)).toFixed(0));
  const bytes = JSON.stringify(objects[0]).length;
  return [
    {
      figure: `validating ${(bytes / 1000).toFixed(1)} KB against 300 fields and 10 rules`,
      measured: `p50 ${median} µs, p99 ${p99} µs`,
      floor: '',
      verdict: `p50 ${median} µs`,
      goal: `≤ ${goalMicroseconds} µs`,
      met: 1000 * durations.percentile(50) <= goalMicroseconds,
    },
  ];
}
