import type { Call, Served, TributaryClient } from '../servers/tributary-client.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';
import { bindingsOf, bindingTo, openAccount } from './gadgets.ts';
import { Ledger } from './ledger.ts';

/** Nothing is delivered while the bridge is killed again and again, faster than brokers take another for its successor. */
const patience = { deadlineMs: 120_000, pauseMs: 50 };

/** Opens an organisation, `root:orgs:<name>`, where HttpBins can be ordered. */
export async function bindHttpBins(client: TributaryClient, workspace: string): Promise<void> {
  await openAccount(client, { parent: 'root:orgs', name: workspace.slice('root:orgs:'.length), type: 'org' });
  await client.expect('POST', bindingsOf(workspace), {
    body: bindingTo('httpbin', 'root:providers:httpbin', 'orchestrate.platform-mesh.io'),
  });
  await untilTrue('the offer is bound', async () => (await client.get(`${bindingsOf(workspace)}/httpbin`)).status?.['phase'] === 'Bound');
}

/** A consumer who orders, changes and deletes HttpBins one after the other, and waits each time until that is delivered. */
export class OrderingConsumer {
  readonly ledger = new Ledger();
  /** Names of those that are not taken back, with the generation that is delivered. */
  readonly standing = new Map<string, number>();
  delivered = 0;
  readonly #nextClient: () => TributaryClient;
  readonly #collection: string;
  readonly #name: string;

  constructor(name: string, nextClient: () => TributaryClient, workspace: string) {
    this.#name = name;
    this.#nextClient = nextClient;
    this.#collection = `/clusters/${workspace}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins`;
  }

  async orderUntil(isOver: () => boolean): Promise<void> {
    for (let count = 1; !isOver(); count += 1) {
      const name = `${this.#name}-${count}`;
      const path = `${this.#collection}/${name}`;
      const body = {
        apiVersion: 'orchestrate.platform-mesh.io/v1alpha1',
        kind: 'HttpBin',
        metadata: { name },
        spec: { region: 'eu-west' },
      };
      await this.#insist('POST', this.#collection, { body }, [201, 409]);
      await this.#deliveredAs(path, 1);
      await this.#insist('PATCH', path, { body: { spec: { region: 'us-east' } }, contentType: 'application/merge-patch+json' }, [200]);
      await this.#deliveredAs(path, 2);
      if (count % 3 === 0) {
        this.standing.set(name, 2);
        continue;
      }
      await this.#insist('DELETE', path, {}, [200, 404]);
      await untilTrue(`${name} is gone`, async () => (await this.#nextClient().find(path)) === undefined, patience);
    }
  }

  /** What is ordered and not taken back answers where its status says, as it was ordered last. */
  async expectStanding(): Promise<void> {
    for (const [name, generation] of this.standing) {
      await untilTrue(
        `${name} answers as generation ${generation}`,
        async () => {
          const { status } = await this.#nextClient().get(`${this.#collection}/${name}`);
          const answer = (await fetch(status?.url ?? '').then((response) => response.json())) as { name: string; generation: number };
          return answer.name === name && answer.generation === generation;
        },
        patience,
      );
    }
  }

  /** Sends a write until its outcome is known. Only the first attempt must find what it expects. */
  async #insist(method: string, path: string, call: Call, codes: readonly number[]): Promise<void> {
    let attempts = 0;
    const { code, text } = await until(
      `an answer to ${method} ${path}`,
      () => {
        attempts += 1;
        return this.ledger.send(this.#nextClient(), this.#name, { method, path, call, isAgain: attempts > 1 });
      },
      patience,
    );
    const expected = attempts > 1 ? codes : codes.slice(0, 1);
    if (!expected.includes(code)) throw new Error(`${method} ${path} answered ${code} at the ${attempts}. attempt: ${text}`);
  }

  async #deliveredAs(path: string, generation: number): Promise<void> {
    let last: Served | undefined;
    await untilTrue(
      `${path} is delivered as generation ${generation}`,
      async () => {
        last = await this.#nextClient().find(path);
        const ready = last?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
        return last?.status?.observedGeneration === generation && ready === 'True';
      },
      patience,
    ).catch((cause: unknown) => {
      throw new Error(`${path} stayed as ${JSON.stringify(last)}`, { cause });
    });
    this.delivered += 1;
  }
}
