import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingsOf, bindingTo, openAccount } from '../faults/gadgets.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { builtGoClients, runSection, sectionsOf, type GoClients, type SectionRun } from './go-clients/build.ts';

// Each check of the Go programs is a test here. The programs say how, in go-clients/*.go; here they get a workspace each, and a
// server that restarts when they ask for it.

/** Nothing else can run while the server restarts. */
const overRestarts = 'watch over restarts';
/** Spends its time waiting: runs beside the others. */
const patient = 'leader election';

/** Asked of a server of its own: expired-history.e2e.spec.ts. */
const elsewhere = 'history that is lost';

const programs = await builtGoClients();
const proofs = await Promise.all(
  (programs ?? []).map(async (clients) => ({ clients, sections: (await sectionsOf(clients)).filter(({ name }) => name !== elsewhere) })),
);

let server: TributaryServer;
const runs = new Map<string, Promise<SectionRun>>();

describe.skipIf(!programs)(programs ? 'Go programs' : 'Go programs: there is no go on the PATH', () => {
  beforeAll(async () => {
    server = await startTributary();
    await openAccount(server.client, { parent: 'root:orgs', name: 'gophers', type: 'org' });
    for (const { clients } of proofs) await openWorkspace(clients);
    startAll();
  });
  afterAll(() => server?.remove());

  for (const { clients, sections } of proofs)
    describe(`client-go ${clients.clientGo}`, () => {
      for (const { name, checks } of sections)
        describe(name, () => {
          it.each(checks)('%s', async (check) => {
            const run = await runs.get(keyOf(clients, name));
            const line = run?.lines.get(check);
            expect(line?.ok, line?.detail ?? run?.complaints).toBe(true);
          });
        });
    });
});

const keyOf = ({ clientGo }: GoClients, section: string): string => `${clientGo} ${section}`;
const workspaceOf = ({ clientGo }: GoClients): string => clientGo.replaceAll('.', '-');

async function openWorkspace(clients: GoClients): Promise<void> {
  const { client } = server;
  const name = workspaceOf(clients);
  await openAccount(client, { parent: 'root:orgs:gophers', name, type: 'account' });
  const bindings = bindingsOf(`root:orgs:gophers:${name}`);
  await client.expect('POST', bindings, { body: bindingTo('httpbin', 'root:providers:httpbin', 'orchestrate.platform-mesh.io') });
  await untilTrue('httpbins are bound', async () => (await client.get(`${bindings}/httpbin`)).status?.['phase'] === 'Bound');
}

/** One section after the other for each program, the patient ones beside them; then, one by one, those that restart the server. */
function startAll(): void {
  const lanes = proofs.map(({ clients, sections }) => {
    const own = sections.map(({ name }) => name).filter((name) => name !== overRestarts && name !== patient);
    return own.reduce<Promise<unknown>>((before, name) => start(clients, name, before), Promise.resolve());
  });
  const beside = proofs.map(({ clients }) => start(clients, patient, Promise.resolve()));
  let before: Promise<unknown> = Promise.allSettled([...lanes, ...beside]);
  for (const { clients } of proofs) before = start(clients, overRestarts, before);
}

function start(clients: GoClients, section: string, before: Promise<unknown>): Promise<unknown> {
  const place = { kubeconfig: server.kubeconfig, server: `${server.url}/clusters/root:orgs:gophers:${workspaceOf(clients)}`, serve };
  const run = before.then(() => runSection(clients, section, place));
  runs.set(keyOf(clients, section), run);
  // Its tests tell; those after it go on.
  return run.catch(() => undefined);
}

async function serve(waiting: string): Promise<void> {
  if (waiting === 'crash') await server.kill9();
  else await server.stop();
  await server.start();
}
