import { writeFile } from 'node:fs/promises';
import { until, untilTrue } from '../servers/tributary-until.ts';
import { bindDemo, openWorkspace } from '../servers/tributary-workspace.ts';
import { listen } from './listen.ts';
import { anyOf, ask, binsOf, count, mapsOf, merge, type Activity, type Place } from './place.ts';
import { define, lease, secret } from './rarer-activities.ts';

/** What consumers do all day, each for ever with a limited number of objects: so nothing has a reason to grow. And how many do it at a time. */
export const activities: Readonly<Record<string, { readonly atATime: number; readonly does: Activity }>> = {
  write: { atATime: 3, does: write },
  order: { atATime: 1, does: order },
  watch: { atATime: 4, does: watch },
  account: { atATime: 1, does: account },
  token: { atATime: 1, does: token },
  graphql: { atATime: 1, does: graphql },
  subscribe: { atATime: 2, does: subscribe },
  secret: { atATime: 1, does: secret },
  lease: { atATime: 1, does: lease },
  define: { atATime: 1, does: define },
};

/** Creates, applies, changes, reads, lists and deletes. */
async function write(place: Place, serial: number): Promise<void> {
  const maps = mapsOf(anyOf(place.workspaces, serial));
  const name = `map-${serial % 97}`;
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { soak: 'yes' } }, data: { serial: `${serial}` } };
  await ask(place, `POST ${maps}`, { body }, [201, 409]);
  const applied = { body, contentType: 'application/apply-patch+yaml' };
  await ask(place, `PATCH ${maps}/${name}?fieldManager=soak&force=true`, applied, [200, 201]);
  await ask(place, `PATCH ${maps}/${name}`, { body: { data: { merged: `${serial}` } }, contentType: merge }, [200, 404]);
  const { code, text } = await ask(place, `GET ${maps}/${name}`, {}, [200, 404]);
  if (code === 200) await ask(place, `PUT ${maps}/${name}`, { body: text }, [200, 404, 409]);
  if (serial % 10 === 0) await ask(place, `GET ${maps}?limit=20&labelSelector=soak%3Dyes`, { headers: { accept: table } }, [200]);
  if (serial % 3 === 0) await ask(place, `DELETE ${maps}/${name}`, {}, [200, 404]);
}

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** Orders a service, waits for it, changes it and gives it back. */
async function order(place: Place, serial: number): Promise<void> {
  const bins = binsOf(anyOf(place.workspaces, serial));
  const path = `${bins}/bin-${serial}`;
  const apiVersion = 'orchestrate.platform-mesh.io/v1alpha1';
  const body = { apiVersion, kind: 'HttpBin', metadata: { name: `bin-${serial}` }, spec: { region: 'eu-west' } };
  await ask(place, `POST ${bins}`, { body }, [201]);
  await ask(place, `PATCH ${path}`, { body: { spec: { region: 'us-east' } }, contentType: merge }, [200]);
  await untilTrue(`${path} is delivered`, async () => {
    const { status } = JSON.parse((await ask(place, `GET ${path}`, {}, [200])).text) as {
      readonly status?: { readonly observedGeneration?: number };
    };
    return status?.observedGeneration === 2;
  });
  await ask(place, `DELETE ${path}`, {}, [200]);
  await untilTrue(`${path} is gone`, async () => (await ask(place, `GET ${path}`, {}, [200, 404])).code === 404);
}

/** Comes, listens to a few events from the beginning or from now on, and goes. */
async function watch(place: Place, serial: number): Promise<void> {
  const maps = mapsOf(anyOf(place.workspaces, serial));
  const selected = serial % 2 === 0 ? '&labelSelector=soak%3Dyes' : '';
  const from = serial % 4 < 2 ? '' : await newest(place, maps);
  const watching = place.server.client.watch(maps, from, `&allowWatchBookmarks=true${selected}`);
  const leave = (): void => watching.close();
  place.over.addEventListener('abort', leave);
  try {
    await watching.until('some events', (events) => events.length > 30, 120_000);
  } catch (failure) {
    if (!place.over.aborted) throw failure;
  } finally {
    place.over.removeEventListener('abort', leave);
    leave();
  }
  count(place, 'WATCH');
}

async function newest(place: Place, path: string): Promise<string> {
  const { text } = await ask(place, `GET ${path}?limit=1`, {}, [200]);
  return (JSON.parse(text) as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
}

/** As `watch`, in GraphQL. */
async function subscribe(place: Place, serial: number): Promise<void> {
  const shown = serial % 2 === 0 ? 'type object { metadata { name } data }' : 'type object { metadata { name labels } }';
  const body = { query: `subscription { v1_configmaps(namespace: "default", labelselector: "soak=yes") { ${shown} } }` };
  await listen(place, `/api${anyOf(steady(place), serial)}/graphql`, body, 30);
  count(place, 'SUBSCRIBE');
}

/** A workspace's whole life. */
async function account(place: Place, serial: number): Promise<void> {
  const name = `soak-${serial}`;
  const workspace = await openWorkspace(place.server, name);
  await bindDemo(place.server, workspace);
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: {} };
  await ask(place, `POST ${mapsOf(workspace)}`, { body }, [201]);
  const path = `/clusters/root:orgs/apis/core.platform-mesh.io/v1alpha1/accounts/${name}`;
  await ask(place, `DELETE ${path}`, {}, [200]);
  await untilTrue(`${path} is gone`, async () => (await ask(place, `GET ${path}`, {}, [200, 404])).code === 404);
}

/** A token of the file comes, works and goes; a ServiceAccount gets one and uses it. */
async function token(place: Place, serial: number): Promise<void> {
  const [old, fresh] = [serial - 1, serial].map((number) => `soak-token-number-${number}-of-many`);
  await writeFile(place.tokenFile, `${fresh},soaker-${serial},,\n`);
  const codeOf = async (shown: string | undefined): Promise<number> =>
    (await ask(place, 'GET /api', { token: shown ?? null }, [200, 401, 403])).code;
  // Asked seldom: whoever fails often is made to wait.
  await untilTrue('the new token is good', async () => (await codeOf(fresh)) !== 401, { pauseMs: 8_000, deadlineMs: 60_000 });
  await untilTrue('the old token is not', async () => (await codeOf(old)) === 401, { pauseMs: 8_000, deadlineMs: 60_000 });
  const workspace = anyOf(place.workspaces, serial);
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const issued = await ask(place, `POST ${workspace}/api/v1/namespaces/default/serviceaccounts/default/token`, { body }, [201]);
  const { status } = JSON.parse(issued.text) as { readonly status: { readonly token: string } };
  await ask(place, `GET ${mapsOf(workspace)}`, { token: status.token }, [403]);
}

/** Workspaces whose kinds stay: each other set of kinds is another schema, and the last 64 of them are kept. */
const steady = ({ workspaces }: Place): readonly string[] => workspaces.slice(0, -1);

const query = '{ v1 { ConfigMaps(limit: 10, labelselector: "soak=yes", sortBy: "-metadata.name") { items { metadata { name } data } } } }';

async function graphql(place: Place, serial: number): Promise<void> {
  const path = `/api${anyOf(steady(place), serial)}/graphql`;
  const { text } = await ask(place, `POST ${path}`, { body: { query } }, [200]);
  const { errors } = JSON.parse(text) as { readonly errors?: unknown };
  if (errors !== undefined) throw new Error(`GraphQL answered ${text}`);
}

/** Opens the workspaces of a soak. */
export async function openPlaces({ server }: Pick<Place, 'server'>, names: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    names.map(async (name) => {
      const workspace = await openWorkspace(server, name);
      await bindDemo(server, workspace);
      // The ServiceAccount comes a moment after the namespace.
      await until('the ServiceAccount default', () => server.client.find(`${workspace}/api/v1/namespaces/default/serviceaccounts/default`));
      return workspace;
    }),
  );
}
