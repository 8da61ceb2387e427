import { randomUUID } from 'node:crypto';
import type { Answer, Call, Served, TributaryClient } from '../../servers/tributary-client.ts';
import type { Asked, Operation, Reason } from './linear-history.ts';
import type { ObjectState } from './change.ts';

export type RecorderOptions = {
  /** Those who can answer. One asks the same again and again, and turns to the next when that one has failed. */
  readonly clients: readonly [TributaryClient, ...TributaryClient[]];
  /** Which of them it asks first. */
  readonly first: number;
  /** `/clusters/<path>/api/v1/namespaces/default/configmaps` */
  readonly collection: string;
};

type Sent = { readonly id: string; readonly begun: number; readonly answer: Answer | undefined; readonly ended: number };

/** Writes and reads ConfigMaps of one account, and keeps what was asked, what was answered, and when. */
export class Recorder {
  readonly operations: Operation[] = [];
  /** How many writes were answered so: by code, or `cut`. */
  readonly answers = new Map<string, number>();
  acknowledged = 0;
  readonly #options: RecorderOptions;
  #turn: number;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#turn = options.first;
  }

  /** Undefined where it was refused, or nobody knows. */
  async create(name: string, value: string): Promise<Served | undefined> {
    const { labels, data } = contentsOf(value);
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data };
    return this.#write('POST', { name, path: this.#options.collection, call: { body }, reason409: { type: 'there' } });
  }

  /** Replaces what is known, and nothing else. */
  async replace(known: Served, value: string): Promise<Served | undefined> {
    const { name, resourceVersion } = known.metadata;
    const { labels, data } = contentsOf(value);
    const body = { ...known, metadata: { ...known.metadata, labels }, data };
    const expects = BigInt(resourceVersion);
    return this.#write('PUT', { name, path: this.#path(name), call: { body }, expects, reason409: { type: 'moved', expects } });
  }

  /** Changes whatever is there. */
  async patch(name: string, value: string): Promise<Served | undefined> {
    const { labels, data } = contentsOf(value);
    const call = { body: { metadata: { labels }, data }, contentType: 'application/merge-patch+json' };
    return this.#write('PATCH', { name, path: this.#path(name), call });
  }

  async delete(name: string): Promise<void> {
    await this.#write('DELETE', { name, path: this.#path(name), call: {} });
  }

  /** `elsewhere`: at another than it asks now, who may not have heard of its last write yet. */
  async get(name: string, where: 'here' | 'elsewhere' = 'here'): Promise<Served | undefined> {
    const { id, begun, answer, ended } = await this.#read(this.#path(name), where === 'here' ? this.#turn : this.#turn + 1);
    if (!answer) return undefined;
    const found = answer.code === 200 ? (JSON.parse(answer.text) as Served) : undefined;
    this.operations.push({ id, begun, ended, asked: { type: 'get', name, found: found && stateOf(found) } });
    return found;
  }

  async list(): Promise<void> {
    const { id, begun, answer, ended } = await this.#read(this.#options.collection);
    if (!answer) return;
    const { metadata, items } = JSON.parse(answer.text) as { metadata: { resourceVersion: string }; items: readonly Served[] };
    const revision = BigInt(metadata.resourceVersion);
    this.operations.push({ id, begun, ended, asked: { type: 'list', revision, items: items.filter(isRecorded).map(stateOf) } });
  }

  #path(name: string): string {
    return `${this.#options.collection}/${name}`;
  }

  async #write(method: string, write: Write): Promise<Served | undefined> {
    const { id, begun, answer, ended } = await this.#send(method, write.path, write.call);
    const count = answer === undefined ? 'cut' : String(answer.code);
    this.answers.set(count, (this.answers.get(count) ?? 0) + 1);
    const { name, expects } = write;
    const outcome = outcomeOf(answer, write);
    switch (outcome.type) {
      case 'unknown':
        this.operations.push({
          id,
          begun,
          ended: undefined,
          asked: { type: 'unknown', name, ...(expects === undefined ? {} : { expects }) },
        });
        return undefined;
      case 'refused':
        this.operations.push({ id, begun, ended, asked: { type: 'refused', name, because: outcome.because } });
        return undefined;
      case 'done': {
        this.acknowledged += 1;
        const object = outcome.object.kind === 'Status' ? undefined : outcome.object;
        const revision = object && method !== 'DELETE' ? { revision: BigInt(object.metadata.resourceVersion) } : {};
        const asked: Asked = { type: 'write', name, ...revision, ...(expects === undefined ? {} : { expects }) };
        this.operations.push({ id, begun, ended, asked });
        return object;
      }
    }
  }

  /** Without an answer where it was cut off or turned away. @throws Error for an answer that nothing excuses. */
  async #read(path: string, turn = this.#turn): Promise<Sent> {
    const sent = await this.#send('GET', path, {}, turn);
    const { code = 503, text = '' } = sent.answer ?? {};
    if (excused.has(code)) return { ...sent, answer: undefined };
    if (code === 200 || code === 404) return sent;
    throw new Error(`GET ${path} answered ${code}: ${text}`);
  }

  async #send(method: string, path: string, call: Call, turn = this.#turn): Promise<Sent> {
    const id = randomUUID();
    const { clients } = this.#options;
    const client = clients[turn % clients.length] ?? clients[0];
    const begun = performance.now();
    const answer = await client.call(method, path, { ...call, headers: { 'audit-id': id } }).catch(() => undefined);
    if (answer === undefined && turn === this.#turn) this.#turn += 1;
    return { id, begun, answer, ended: performance.now() };
  }
}

type Write = {
  readonly name: string;
  readonly path: string;
  readonly call: Call;
  readonly expects?: bigint;
  /** What a 409 means. */
  readonly reason409?: Reason;
};
type Outcome =
  | { readonly type: 'unknown' }
  | { readonly type: 'refused'; readonly because: Reason }
  | { readonly type: 'done'; readonly object: Served };

/** Too many at once, and an outage. */
const excused: ReadonlySet<number> = new Set([429, 503]);

/** @throws Error for an answer that nothing excuses. */
function outcomeOf(answer: Answer | undefined, { path, reason409 }: Write): Outcome {
  // What the server turned away, or could not finish in time, may be done all the same.
  if (answer === undefined || excused.has(answer.code)) return { type: 'unknown' };
  if (answer.code < 300) return { type: 'done', object: JSON.parse(answer.text) as Served };
  if (answer.code === 404) return { type: 'refused', because: { type: 'absent' } };
  if (answer.code === 409 && reason409) return { type: 'refused', because: reason409 };
  throw new Error(`${path} answered ${answer.code}: ${answer.text}`);
}

const prefix = 'recorded-';
/** A workspace has ConfigMaps of its own, which nobody here writes. */
export const isRecorded = ({ metadata }: { readonly metadata: { readonly name: string } }): boolean => metadata.name.startsWith(prefix);
export const recordedName = (name: string): string => `${prefix}${name}`;

/** The label by which some of those who watch select. */
export const isEven = (value: string): boolean => Number(value.at(-1)) % 2 === 0;

function contentsOf(value: string): { readonly labels: Readonly<Record<string, string>>; readonly data: { readonly value: string } } {
  return { labels: { parity: isEven(value) ? 'even' : 'odd' }, data: { value } };
}

type Shown = {
  readonly metadata: { readonly name?: string; readonly uid?: string; readonly resourceVersion?: string; readonly labels?: unknown };
};

export function stateOf(object: Shown): ObjectState {
  const { name = '', uid, resourceVersion = '0', labels } = object.metadata;
  const { value } = ('data' in object ? object.data : {}) as { readonly value?: string };
  return { name, revision: BigInt(resourceVersion), content: JSON.stringify([uid, labels, value]) };
}
