import { randomUUID } from 'node:crypto';
import { encodeEvent, type AccountEvent } from '#account';
import type { JsonObject, KubeObject } from '#kube';
import type { NewEvent } from '#stream';

const at = '2026-11-23T08:00:00.000Z';
const provider = { cluster: 'provider', export: 'orchestrate.platform-mesh.io', identityHash: 'a'.repeat(64) };
const by = { user: 'ada', userAgent: 'kubectl/v1.33', fieldManager: 'kubectl-client-side-apply', at, cause: randomUUID() };

/** One account in which instances are ordered, answered and changed: events of some 1.2 KB, as the real ones. */
export class InstanceEvents {
  readonly stream: string;
  readonly #cluster: string;
  readonly #instances: KubeObject[] = [];
  #revision = -1n;
  #revised = 0;

  constructor(cluster: string) {
    this.#cluster = cluster;
    this.stream = `account-${cluster}`;
  }

  /** Of the last event. */
  get revision(): bigint {
    return this.#revision;
  }

  /** An order and its answer, then a change of an older order and its answer, and so on. */
  next(): NewEvent {
    this.#revision += 1n;
    const event = this.#event();
    return { id: randomUUID(), type: event.type, data: encodeEvent(event), decoded: event };
  }

  #event(): AccountEvent {
    if (this.#revision === 0n) return { type: 'WorkspaceOpened', cluster: this.#cluster, path: `root:${this.#cluster}`, owner: null, by };
    const newest = this.#instances.length - 1;
    switch (Number(this.#revision % 4n)) {
      case 1:
        return this.#changed('ResourceDeclared', newest + 1, this.#ordered());
      case 2:
        return this.#changed('StatusReported', newest, answered(this.#instance(newest)));
      case 3:
        this.#revised = (Number(this.#revision / 4n) * 7) % (newest + 1);
        return this.#changed('SpecRevised', this.#revised, revised(this.#instance(this.#revised)));
      default:
        return this.#changed('StatusReported', this.#revised, answered(this.#instance(this.#revised)));
    }
  }

  #instance(index: number): KubeObject {
    const instance = this.#instances[index];
    if (!instance) throw new Error('there is no such instance');
    return instance;
  }

  #ordered(): KubeObject {
    const name = `bin-${this.#instances.length}`;
    const metadata = {
      name,
      namespace: 'default',
      uid: randomUUID(),
      generation: 1,
      creationTimestamp: '2026-11-23T08:00:00Z',
      labels: { team: `team-${this.#instances.length % 10}`, 'app.kubernetes.io/name': name },
      annotations: { 'kcp.io/cluster': this.#cluster },
      finalizers: ['tributary.io/provider-release'],
      managedFields: [
        { manager: 'kubectl', operation: 'Update', apiVersion: 'v1', time: at, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': {} } },
      ],
    };
    return {
      apiVersion: 'orchestrate.platform-mesh.io/v1alpha1',
      kind: 'HttpBin',
      metadata,
      spec: { region: 'eu-west', note: `order of ${name}` },
    };
  }

  #changed(type: 'ResourceDeclared' | 'SpecRevised' | 'StatusReported', index: number, object: KubeObject): AccountEvent {
    const was = object.metadata.resourceVersion;
    const metadata = { ...object.metadata, resourceVersion: `${this.#revision + 1n}` };
    const after = { ...object, metadata };
    this.#instances[index] = after;
    const key = { group: 'orchestrate.platform-mesh.io', resource: 'httpbins', namespace: 'default', name: metadata.name ?? '' };
    const sequence = type === 'StatusReported' ? { sequence: `${this.#revision}` } : {};
    return { type, key, uid: metadata.uid ?? '', ...(was === undefined ? {} : { was }), provider, ...sequence, by, object: after };
  }
}

function revised(object: KubeObject): KubeObject {
  const generation = (object.metadata.generation ?? 1) + 1;
  return { ...object, metadata: { ...object.metadata, generation }, spec: { region: 'eu-west', note: `change ${generation}` } };
}

function answered(object: KubeObject): KubeObject {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Serving',
    message: 'the service answers',
    lastTransitionTime: '2026-11-23T08:00:00Z',
  };
  const status = { observedGeneration: object.metadata.generation ?? 1, url: 'http://127.0.0.1:8080', conditions: [ready] };
  return { ...object, status: status as unknown as JsonObject };
}
