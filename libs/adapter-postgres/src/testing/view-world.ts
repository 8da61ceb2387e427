import { randomUUID } from 'node:crypto';
import { encodeEvent, type AccountEvent } from '#account';
import type { JsonObject, KubeObject } from '#kube';
import type { EventLog } from '#stream';

const at = '2026-11-23T08:00:00.000Z';
const provider = { cluster: 'p1', export: 'gadgets.io', identityHash: 'h' };

/** Workspaces in which things happen at random, but never what could not happen. */
export class ViewWorld {
  readonly #log: EventLog;
  readonly #random: () => number;
  readonly #workspaces: Workspace[] = [];
  #serial = 0;

  constructor(log: EventLog, random: () => number) {
    this.#log = log;
    this.#random = random;
  }

  /** Appends so many events, a few at a time. */
  async happen(events: number): Promise<void> {
    for (let left = events; left > 0;) {
      const workspace = this.#anyWorkspace();
      const batch = Array.from({ length: Math.min(left, 1 + this.#upTo(8)) }, () => workspace.next(this.#random));
      left -= batch.length;
      const news = batch.map((event) => ({ id: randomUUID(), type: event.type, data: encodeEvent(event) }));
      const { type } = await this.#log.append(workspace.stream, workspace.revision - BigInt(batch.length), news);
      if (type !== 'appended') throw new Error('somebody else writes in this world');
      if (workspace.isClosed) this.#workspaces.splice(this.#workspaces.indexOf(workspace), 1);
    }
  }

  #anyWorkspace(): Workspace {
    const known = this.#workspaces[this.#upTo(6)];
    if (known) return known;
    const workspace = new Workspace(`c${++this.#serial}`);
    this.#workspaces.push(workspace);
    return workspace;
  }

  #upTo(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

class Workspace {
  readonly #cluster: string;
  readonly #objects = new Map<string, KubeObject>();
  #phase: 'absent' | 'open' | 'closed' = 'absent';
  #serial = 0;
  /** Of the last event. */
  revision = -1n;

  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  get stream(): string {
    return `account-${this.#cluster}`;
  }

  get isClosed(): boolean {
    return this.#phase === 'closed';
  }

  next(random: () => number): AccountEvent {
    this.revision += 1n;
    const by = { user: `user-${Math.floor(random() * 3)}`, userAgent: 'spec', fieldManager: 'spec', at, cause: `${this.revision}` };
    if (this.#phase === 'absent') {
      this.#phase = 'open';
      return { type: 'WorkspaceOpened', cluster: this.#cluster, path: `root:${this.#cluster}`, owner: null, by };
    }
    if (this.#phase === 'closed') return { type: 'WorkspaceClosed', by };
    if (random() < 0.002) {
      this.#phase = 'closed';
      this.#objects.clear();
      return { type: 'WorkspaceClosed', by };
    }
    return this.#change(random, by);
  }

  #change(random: () => number, by: AccountEvent['by']): AccountEvent {
    const names = [...this.#objects.keys()];
    const name = random() < 0.4 ? undefined : names[Math.floor(random() * names.length)];
    const object = name === undefined ? undefined : this.#objects.get(name);
    if (name === undefined || !object) return this.#declared(random, by);
    const choice = random();
    if (choice < 0.15) {
      this.#objects.delete(name);
      return this.#event('ResourceRemoved', object, by);
    }
    if (choice < 0.5) {
      const generation = (object.metadata.generation ?? 1) + 1;
      return this.#event('SpecRevised', { ...object, metadata: { ...object.metadata, generation }, spec: { size: random() } }, by);
    }
    const ready = { type: 'Ready', status: random() < 0.5 ? 'True' : 'False', reason: 'R', message: 'm', lastTransitionTime: at };
    const status = { observedGeneration: object.metadata.generation ?? 1, conditions: [ready] } as unknown as JsonObject;
    return this.#event('StatusReported', { ...object, status }, by);
  }

  #declared(random: () => number, by: AccountEvent['by']): AccountEvent {
    const name = `n${++this.#serial}`;
    const [apiVersion, kind] = kinds[Math.floor(random() * kinds.length)] ?? ['demo.test/v1', 'Gadget'];
    const metadata = {
      name,
      uid: `${this.#cluster}-${name}`,
      generation: 1,
      creationTimestamp: '2026-11-23T08:00:00Z',
      labels: { team: 'blue' },
    };
    return this.#event('ResourceDeclared', { apiVersion, kind, metadata, spec: { type: 'account', note: `spec of ${name}` } }, by);
  }

  #event(type: 'ResourceDeclared' | 'SpecRevised' | 'StatusReported' | 'ResourceRemoved', object: KubeObject, by: AccountEvent['by']) {
    const { name = '', uid = '', resourceVersion } = object.metadata;
    const after = { ...object, metadata: { ...object.metadata, resourceVersion: `${this.revision + 1n}` } };
    if (type !== 'ResourceRemoved') this.#objects.set(name, after);
    const group = object.apiVersion.split('/')[0] ?? '';
    const key = { group, resource: `${object.kind.toLowerCase()}s`, namespace: '', name };
    const bound = object.kind === 'Gadget' ? { provider } : {};
    const was = resourceVersion === undefined ? {} : { was: resourceVersion };
    const sequence = type === 'StatusReported' ? { sequence: `${this.revision}` } : {};
    return { type, key, uid, object: after, ...was, ...bound, ...sequence, by } as AccountEvent;
  }
}

const kinds = [
  ['demo.test/v1', 'Gadget'],
  ['core.platform-mesh.io/v1alpha1', 'Account'],
  ['apis.kcp.io/v1alpha1', 'APIBinding'],
  ['apis.kcp.io/v1alpha1', 'APIExport'],
] as const;
