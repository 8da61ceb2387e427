import type { KubeObject, ServedKind } from '#kube';
import { MemoryCheckpointStore, MemoryEventLog, MemorySnapshotStore } from '#stream';
import { silentLogger } from '#telemetry';
import { House, type Author, type DeleteRequest, type StoredObject, type Workspace } from '#workspace';
import { openRoot } from '../open-root.ts';
import { runPolicy } from '../run-policy.ts';

export const admin: Author = { user: 'admin', groups: ['system:masters'], userAgent: 'spec/1', fieldManager: 'spec', cause: 'spec' };

/** A whole mesh over a log in memory, with the policy running. */
export async function aHouse(log = new MemoryEventLog()) {
  const house = new House({
    log,
    snapshots: new MemorySnapshotStore(),
    soleWriter: true,
    publicUrl: 'https://mesh.test',
    offers: async () => [],
  });
  await openRoot(house);
  const policy = await runPolicy({ house, log, checkpoints: new MemoryCheckpointStore(), logger: silentLogger });
  return {
    house,
    log,
    policy,
    at: async (path: string): Promise<WorkspaceUnderTest> => {
      const workspace = await eventually(() => house.open(path));
      return new WorkspaceUnderTest(workspace);
    },
    async stop() {
      await policy.stop();
      await house.close();
    },
  };
}

/** A workspace with short words for what specs say often. */
export class WorkspaceUnderTest {
  readonly workspace: Workspace;

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  kind(resource: string): ServedKind {
    const kind = this.workspace.served().find((known) => known.resource === resource);
    if (!kind) throw new Error(`${this.workspace.path} does not serve ${resource}`);
    return kind;
  }

  async create(
    resource: string,
    object: { readonly metadata: KubeObject['metadata']; readonly spec?: NonNullable<KubeObject['spec']>; readonly data?: object },
  ) {
    const kind = this.kind(resource);
    const apiVersion = kind.group === '' ? kind.storageVersion : `${kind.group}/${kind.storageVersion}`;
    return this.workspace.create({
      kind,
      version: kind.storageVersion,
      namespace: object.metadata.namespace ?? '',
      author: admin,
      dryRun: false,
      fieldValidation: 'Strict',
      body: { apiVersion, kind: kind.kind, ...object },
      duplicateFields: [],
    });
  }

  patch(resource: string, name: string, patch: unknown, namespace = '') {
    const kind = this.kind(resource);
    const request = { kind, version: kind.storageVersion, namespace, name, author: admin, dryRun: false, fieldValidation: 'Warn' as const };
    return this.workspace.patch({ ...request, patch: { type: 'merge', patch, duplicateFields: [] } });
  }

  async get(resource: string, name: string, namespace = ''): Promise<KubeObject | undefined> {
    const kind = this.kind(resource);
    const found: StoredObject | undefined = await this.workspace.get({ kind, version: kind.storageVersion, namespace, name });
    return found?.object;
  }

  delete(resource: string, name: string, namespace = '', propagation?: DeleteRequest['propagation']) {
    const kind = this.kind(resource);
    const request = { kind, version: kind.storageVersion, namespace, name, author: admin, dryRun: false };
    return this.workspace.delete(propagation === undefined ? request : { ...request, propagation });
  }

  /** The object once its condition Ready has this status. */
  ready(resource: string, name: string, namespace = '', status = 'True'): Promise<KubeObject> {
    return eventually(async () => {
      const object = await this.get(resource, name, namespace);
      const { conditions = [] } = (object?.status ?? {}) as { conditions?: readonly { type: string; status: string }[] };
      return conditions.some((condition) => condition.type === 'Ready' && condition.status === status) ? object : undefined;
    });
  }

  gone(resource: string, name: string, namespace = ''): Promise<true> {
    return eventually(async () => ((await this.get(resource, name, namespace)) === undefined ? true : undefined));
  }
}

/** What `look` answers once it is not undefined. */
export async function eventually<Value>(look: () => Promise<Value | undefined>, deadlineMs = 5_000): Promise<Value> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs} ms in vain for ${look.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
