import { benchSchema } from '../bench-export.ts';
import { Consumer, requestText } from '../consumer.ts';
import type { Figure } from '../figure.ts';
import { Load } from '../load.ts';
import { until } from '../pace.ts';
import type { Bench } from '../part.ts';
import { residentMegabytes, settledMegabytes } from '../resident.ts';

const goalMegabytes = 100;

/** What a workspace with many definitions of kinds costs the server. */
export async function definitions(bench: Bench): Promise<readonly Figure[]> {
  const definitions = bench.quick ? 50 : 1_000;
  const server = await bench.startServer();
  const consumer = await Consumer.of(server);
  bench.atEnd(() => consumer.close());
  await consumer.openHouse();
  const workspace = await consumer.openAccount('root:orgs:bench', 'definitions', 'account');
  const stillMs = bench.quick ? 1_500 : 20_000;
  const without = bench.quick ? await residentMegabytes(server.pid) : await settledMegabytes(server.pid, stillMs);
  const path = `/clusters/${workspace}/apis/apiextensions.k8s.io/v1/customresourcedefinitions`;
  const load = await Load.open(server.address, 8, (_, serial) =>
    requestText(server, 'POST', path, JSON.stringify(definitionNumber(serial))),
  );
  const { seconds } = await load.send(definitions);
  load.close();
  await until('the last kind is served', async () => (await isServed(consumer, workspace, definitions - 1)) || undefined, 300_000);
  // Asked for once by all means: what is made on demand counts too.
  await consumer.ask('GET', `/clusters/${workspace}/openapi/v3`);
  const loaded = await residentMegabytes(server.pid);
  const settled = await settledMegabytes(server.pid, stillMs);
  bench.note(
    `definitions: ${definitions} in ${seconds.toFixed(1)} s; ${without.toFixed(0)} MB without them, ${loaded.toFixed(0)} MB when served, ${settled.toFixed(0)} MB settled`,
  );
  const added = settled - without;
  return [
    {
      figure: `memory of a workspace with ${definitions} definitions`,
      measured: `RSS + ${added.toFixed(0)} MB`,
      floor: `${without.toFixed(0)} MB without them`,
      verdict: `${added.toFixed(0)} MB`,
      goal: `≤ ${goalMegabytes} MB`,
      met: added <= goalMegabytes,
    },
  ];
}

async function isServed(consumer: Consumer, workspace: string, index: number): Promise<boolean> {
  const { body } = await consumer.ask('GET', `/clusters/${workspace}/apis/defined.tributary.io/v1`);
  const { resources } = JSON.parse(body.toString()) as { readonly resources: readonly { readonly name: string }[] };
  return resources.some(({ name }) => name === `defined${index}s`);
}

function definitionNumber(index: number): object {
  const [{ schema }] = benchSchema.spec.versions;
  const names = { plural: `defined${index}s`, singular: `defined${index}`, kind: `Defined${index}`, listKind: `Defined${index}List` };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.defined.tributary.io` },
    spec: {
      group: 'defined.tributary.io',
      names,
      scope: 'Namespaced',
      // No two alike, so that nothing is shared that would not be in a real workspace.
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { ...schema, description: `Number ${index}` } } }],
    },
  };
}
