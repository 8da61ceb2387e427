import { writeFile } from 'node:fs/promises';
import type { Answer, Call } from '../servers/tributary-client.ts';
import type { TributaryServer } from '../servers/tributary.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';
import { bindDemo, openWorkspace } from '../servers/tributary-workspace.ts';

/** Where somebody is active, and how many requests that took. */
export type Place = {
  readonly server: TributaryServer;
  /** `/clusters/root:orgs:<name>`; the demo is bound in each. */
  readonly workspaces: readonly string[];
  readonly tokenFile: string;
  readonly counts: Map<string, number>;
};

/** Does its work once; is called again and again with the next number. */
export type Activity = (place: Place, serial: number) => Promise<void>;

/** What consumers do all day, each for ever with a limited number of objects: so nothing has a reason to grow. And how many do it at a time. */
export const activities: Readonly<Record<string, { readonly atATime: number; readonly does: Activity }>> = {
  write: { atATime: 3, does: write },
  order: { atATime: 1, does: order },
  watch: { atATime: 4, does: watch },
  account: { atATime: 1, does: account },
  token: { atATime: 1, does: token },
  graphql: { atATime: 1, does: graphql },
};

const mapsOf = (workspace: string): string => `${workspace}/api/v1/namespaces/default/configmaps`;
const binsOf = (workspace: string): string => `${workspace}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins`;
const merge = 'application/merge-patch+json';
const anyOf = (list: readonly string[], serial: number): string => list[serial % list.length] ?? '';

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

/** Comes, listens to a few events, and goes. */
async function watch(place: Place, serial: number): Promise<void> {
  const maps = mapsOf(anyOf(place.workspaces, serial));
  const selected = serial % 2 === 0 ? '&labelSelector=soak%3Dyes' : '';
  const watching = place.server.client.watch(maps, '', `&allowWatchBookmarks=true${selected}`);
  await watching.until('some events', (events) => events.length > 30, 120_000);
  watching.close();
  count(place, 'WATCH');
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

const query = '{ v1 { ConfigMaps(limit: 10, labelselector: "soak=yes", sortBy: "-metadata.name") { items { metadata { name } data } } } }';

async function graphql(place: Place, serial: number): Promise<void> {
  const path = `/api${anyOf(place.workspaces, serial)}/graphql`;
  const { text } = await ask(place, `POST ${path}`, { body: { query } }, [200]);
  const { errors } = JSON.parse(text) as { readonly errors?: unknown };
  if (errors !== undefined) throw new Error(`GraphQL answered ${text}`);
}

/** @throws Error for any other code. */
async function ask(place: Place, what: `${string} ${string}`, call: Call, codes: readonly number[]): Promise<Answer> {
  const [method = '', path = ''] = what.split(' ');
  const answer = await place.server.client.call(method, path, call);
  count(place, method);
  if (!codes.includes(answer.code)) throw new Error(`${what} answered ${answer.code}: ${answer.text}`);
  return answer;
}

function count({ counts }: Place, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** Opens the workspaces of a soak. */
export async function openPlaces(server: TributaryServer, names: readonly string[]): Promise<readonly string[]> {
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
