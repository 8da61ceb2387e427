import type { TributaryClient } from '../servers/tributary-client.ts';
import { untilTrue } from '../servers/tributary-until.ts';
import { Ledger } from './ledger.ts';

/** Write one ConfigMap after the other, whatever is answered, and keep what was. */
export class NoteWriters {
  readonly ledger = new Ledger();
  /** The codes that writes were answered with; 0 where there was no answer. */
  readonly codes = new Map<number, number>();
  readonly #client: TributaryClient;
  readonly #collection: string;
  readonly #prefix: string;
  readonly #acknowledged = new Set<string>();
  readonly #refusals = new Set<string>();
  #isOver = false;
  #going: Promise<unknown> | undefined;
  #count = 0;

  constructor(client: TributaryClient, collection: string, prefix = 'note') {
    this.#prefix = prefix;
    this.#client = client;
    this.#collection = collection;
  }

  /** Names of those that were acknowledged. */
  get acknowledged(): ReadonlySet<string> {
    return this.#acknowledged;
  }

  /** What was answered instead. */
  get refusals(): readonly unknown[] {
    return [...this.#refusals].map((text) => JSON.parse(text) as unknown);
  }

  begin(writers: number): void {
    this.#going = Promise.all(Array.from({ length: writers }, () => this.#writeOn()));
    this.#going.catch(() => undefined);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#going;
  }

  /** Writes one more. Gives the code of the answer. */
  async write(): Promise<number> {
    this.#count += 1;
    const name = `${this.#prefix}-${this.#count}`;
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: name } };
    let code = 0;
    const call: TributaryClient['call'] = async (method, path, given) => {
      const answer = await this.#client.call(method, path, given);
      code = answer.code;
      if (code !== 201) this.#refusals.add(answer.text);
      return answer;
    };
    await this.ledger.send({ call }, 'writer', { method: 'POST', path: this.#collection, call: { body }, isAgain: false });
    if (code === 201) this.#acknowledged.add(name);
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    return code;
  }

  /** Resolves when so many more were acknowledged. @throws what a writer has thrown */
  async moreAcknowledged(count: number, deadlineMs = 60_000): Promise<void> {
    const target = this.#acknowledged.size + count;
    const enough = untilTrue(`${count} more writes are acknowledged`, () => this.#acknowledged.size >= target, { deadlineMs, pauseMs: 2 });
    await Promise.race([enough, this.#going?.then(() => enough)]);
  }

  async #writeOn(): Promise<void> {
    while (!this.#isOver) {
      const code = await this.write();
      if (code !== 201) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
