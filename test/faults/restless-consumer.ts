import type { Answer, Served } from '../servers/tributary-client.ts';
import type { Storm } from './storm.ts';

/** An instance that was ordered and stays. */
export type Standing = { readonly path: string; readonly name: string };
export type Travels = { readonly journeys: number; readonly standing: readonly Standing[] };

/** Makes the first journey again and again until the storm is over, and the last one to its end. */
export async function travelRestlessly(storm: Storm, sender: string): Promise<Travels> {
  const standing: Standing[] = [];
  let journeys = 0;
  while (!storm.isOver) {
    journeys += 1;
    standing.push(...(await new Traveller(storm, sender, journeys).travel()));
  }
  return { journeys, standing };
}

const orgs = 'root:orgs';
const accountsOf = (workspace: string): string => `/clusters/${workspace}/apis/core.platform-mesh.io/v1alpha1/accounts`;
const bindingsOf = (workspace: string): string => `/clusters/${workspace}/apis/apis.kcp.io/v1alpha2/apibindings`;
const httpBinsOf = (workspace: string): string =>
  `/clusters/${workspace}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins`;

type NewObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
};

class Traveller {
  readonly #storm: Storm;
  readonly #sender: string;
  readonly #count: number;

  constructor(storm: Storm, sender: string, count: number) {
    this.#storm = storm;
    this.#sender = sender;
    this.#count = count;
  }

  async travel(): Promise<readonly Standing[]> {
    const org = `${this.#sender}-${this.#count}`;
    const team = `${orgs}:${org}:team`;
    await this.#open(orgs, org, 'org');
    await this.#open(`${orgs}:${org}`, 'team', 'account');
    await this.#bind(team);
    for (const name of ['one', 'two']) await this.#order(team, name);
    await this.#change(team, 'one');
    await this.#delete(`${httpBinsOf(team)}/two`);
    switch (this.#count % 3) {
      case 0:
        return [{ path: `${httpBinsOf(team)}/one`, name: 'one' }];
      case 1:
        await this.#delete(`${bindingsOf(team)}/httpbin`);
        return [];
      default:
        await this.#delete(`${accountsOf(orgs)}/${org}`);
        return [];
    }
  }

  async #open(parent: string, name: string, type: string): Promise<void> {
    await this.#create(accountsOf(parent), {
      apiVersion: 'core.platform-mesh.io/v1alpha1',
      kind: 'Account',
      metadata: { name },
      spec: { type },
    });
    await this.#storm.waitFor(`${accountsOf(parent)}/${name}`, (account) => ready(account) === 'True');
  }

  async #bind(workspace: string): Promise<void> {
    const reference = { export: { path: 'root:providers:httpbin', name: 'orchestrate.platform-mesh.io' } };
    await this.#create(bindingsOf(workspace), {
      apiVersion: 'apis.kcp.io/v1alpha2',
      kind: 'APIBinding',
      metadata: { name: 'httpbin' },
      spec: { reference },
    });
    await this.#storm.waitFor(`${bindingsOf(workspace)}/httpbin`, (binding) => binding?.status?.['phase'] === 'Bound');
  }

  async #order(workspace: string, name: string): Promise<void> {
    const instance = {
      apiVersion: 'orchestrate.platform-mesh.io/v1alpha1',
      kind: 'HttpBin',
      metadata: { name },
      spec: { region: 'eu-west' },
    };
    await this.#create(httpBinsOf(workspace), instance);
    await this.#untilAnswered(`${httpBinsOf(workspace)}/${name}`, 1);
  }

  async #change(workspace: string, name: string): Promise<void> {
    const path = `${httpBinsOf(workspace)}/${name}`;
    const { answer } = await this.#storm.insist(this.#sender, 'PATCH', path, {
      body: { spec: { region: 'us-east' } },
      contentType: 'application/merge-patch+json',
    });
    expectCode(answer, [200], `changing ${path}`);
    await this.#untilAnswered(path, 2);
  }

  #untilAnswered(path: string, generation: number): Promise<unknown> {
    return this.#storm.waitFor(
      path,
      (object) =>
        object?.metadata.generation === generation && object.status?.observedGeneration === generation && ready(object) === 'True',
    );
  }

  async #create(collection: string, body: NewObject): Promise<void> {
    const { answer, again } = await this.#storm.insist(this.#sender, 'POST', collection, { body });
    // The first attempt may have been applied while its answer was lost.
    expectCode(answer, again ? [201, 409] : [201], `creating ${collection}/${body.metadata.name}`);
  }

  async #delete(path: string): Promise<void> {
    const { answer, again } = await this.#storm.insist(this.#sender, 'DELETE', path);
    expectCode(answer, again ? [200, 404] : [200], `deleting ${path}`);
    await this.#storm.waitFor(path, (object) => object === undefined);
  }
}

function expectCode({ code, text }: Answer, expected: readonly number[], what: string): void {
  if (!expected.includes(code)) throw new Error(`${what} answered ${code}: ${text}`);
}

function ready(object: Served | undefined): string | undefined {
  return object?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}
