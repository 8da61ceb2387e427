import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#account';
import type { KubeObject, ServedKind } from '#kube';
import { MemoryEventLog, MemorySnapshotStore } from '#stream';
import { House } from './house.ts';
import { builtinKind } from './kinds/kind-table.ts';
import { finalizer, Model, thingOf, type Step, type Thing, type Version } from './testing/model.ts';
import type { Author, StoredObject, WatchEvent, Workspace } from './workspaces.ts';

// Any sequence of what clients do, against a plain model: versions grow, who is stale is refused and nobody else, and history is told
// the same from wherever one starts. MODEL_RUNS says how many sequences.

const runs = Number(process.env['MODEL_RUNS'] ?? 60);
const author: Author = { user: 'ada', groups: ['system:masters'], userAgent: 'spec', fieldManager: 'spec', cause: 'spec' };
const by = { user: 'ada', userAgent: 'spec', fieldManager: 'spec', at: '2026-01-01T00:00:00.000Z', cause: 'spec' };
const write = { version: 'v1', namespace: '', author, dryRun: false, fieldValidation: 'Strict' as const, duplicateFields: [] };

const integer = { type: 'integer' };
const definition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Cluster',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: integer } },
              status: { type: 'object', properties: { seen: integer } },
            },
          },
        },
      },
    ],
  },
};

/** A workspace over a log in memory, and the kind whose objects are played with. */
class Mesh {
  readonly log = new MemoryEventLog();
  readonly snapshots = new MemorySnapshotStore();
  house = this.#start();
  workspace!: Workspace;
  kind!: ServedKind;

  static async open(): Promise<Mesh> {
    const mesh = new Mesh();
    const root = await mesh.house.accounts.account('root');
    await root.submit((state) => openWorkspace({ cluster: 'root', path: 'root', owner: null, furniture: [], by }, state));
    await mesh.#enter();
    const definitions = builtinKind('customresourcedefinitions.apiextensions.k8s.io');
    const made = await mesh.workspace.create({ ...write, kind: definitions, body: definition });
    if (made.type === 'refused') throw new Error(JSON.stringify(made.refusal));
    await mesh.#enter();
    return mesh;
  }

  async restart(withSnapshot: boolean): Promise<void> {
    if (withSnapshot) await (await this.house.accounts.account('root')).saveSnapshot();
    await this.house.close();
    this.house = this.#start();
    await this.#enter();
  }

  async #enter(): Promise<void> {
    const opened = await this.house.open('root');
    if (!opened) throw new Error('root is open');
    this.workspace = opened;
    this.kind = opened.served().find(({ resource }) => resource === 'things') ?? this.kind;
  }

  #start(): House {
    return new House({
      log: this.log,
      snapshots: this.snapshots,
      soleWriter: true,
      publicUrl: 'https://mesh.test',
      offers: async () => [],
    });
  }
}

/** What the workspace answers to a step: the refusal's type, or `done`. */
async function play(mesh: Mesh, step: Step, model: Model): Promise<string> {
  const { name } = step;
  const request = { ...write, kind: mesh.kind, name };
  const present = model.things.get(name);
  const resourceVersion = 'version' in step ? versionOf(step.version, model.versions.get(name)) : undefined;
  const versioned = resourceVersion === undefined ? {} : { resourceVersion };
  const merge = (patch: object) =>
    mesh.workspace.patch({ ...request, patch: { type: 'merge', patch: { metadata: versioned, ...patch }, duplicateFields: [] } });
  const body = (content: object, metadata: object = {}): KubeObject =>
    ({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name, ...metadata }, ...content }) as KubeObject;
  const labels = (on: boolean): object => (on ? { labels: { on: 'yes' } } : {});
  const held = (is: boolean | undefined): object => (is ? { finalizers: [finalizer] } : {});
  const outcome = await (() => {
    switch (step.do) {
      case 'create':
        return mesh.workspace.create({ ...request, body: body({ spec: { size: step.size } }, { ...labels(step.on), ...held(step.held) }) });
      case 'update': {
        const metadata = { ...versioned, ...labels(step.on), ...held(present?.held) };
        return mesh.workspace.update({ ...request, body: body({ spec: { size: step.size } }, metadata) });
      }
      case 'patch':
        return merge({ spec: { size: step.size } });
      case 'label':
        return merge({ metadata: { ...versioned, labels: { on: step.on ? 'yes' : null } } });
      case 'apply':
        return mesh.workspace.patch({
          ...request,
          author: { ...author, fieldManager: step.manager },
          patch: { type: 'apply', config: body({ spec: { size: step.size } }), force: true },
        });
      case 'status':
        return mesh.workspace.update({ ...request, subresource: 'status', body: body({ status: { seen: step.seen } }, versioned) });
      case 'delete':
        return mesh.workspace.delete({ ...request, preconditions: versioned });
      case 'finalize':
        return merge({ metadata: { finalizers: null } });
    }
  })();
  return outcome.type === 'refused' ? outcome.refusal.type : 'done';
}

function versionOf(version: Version, present: bigint | undefined): string | undefined {
  if (version === 'none') return undefined;
  return String(version === 'present' ? (present ?? 1n) : (present ?? 2n) - 1n);
}

const name = fc.constantFrom('a', 'b', 'c');
const size = fc.integer({ min: 0, max: 2 });
const on = fc.boolean();
const version = fc.constantFrom<Version>('present', 'present', 'present', 'stale', 'none');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('create' as const), name, size, on, held: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('update' as const), name, size, on, version }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('patch' as const), name, size, version }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('label' as const), name, on, version }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('apply' as const), name, size, manager: fc.constantFrom('x', 'y') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('status' as const), name, seen: size, version }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name, version }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finalize' as const), name }) },
);

/** Names what is shown, by name. */
const things = (objects: readonly StoredObject[]): readonly (readonly [string, Thing])[] =>
  objects.map((object) => [object.name, thingOf(object.object)] as const);

const last = 'zz-last';

/** What a watch from a position on is told, up to the last thing that is ever created. */
async function told(mesh: Mesh, after: bigint, isSelected: boolean): Promise<readonly WatchEvent[]> {
  const events: WatchEvent[] = [];
  const done = Promise.withResolvers<void>();
  const watching = await mesh.workspace.watch(
    { kind: mesh.kind, version: 'v1', namespace: '', after, ...(isSelected ? { selector: ({ labels }) => labels['on'] === 'yes' } : {}) },
    {
      events(batch) {
        events.push(...batch);
        if (events.at(-1)?.object.name === last) done.resolve();
      },
      ended: () => done.reject(new Error('the watch ended')),
    },
  );
  if (watching.type !== 'watching') throw new Error(watching.type);
  await done.promise;
  watching.stop();
  return events;
}

const lines = (events: readonly WatchEvent[]): readonly string[] =>
  events.map(({ type, object, position }) => `${type} ${object.name} ${position}`);

/** Plays the steps, and looks after each whether the workspace made of it what the model does. */
async function playAll(mesh: Mesh, steps: readonly Step[], model: Model): Promise<void> {
  for (const next of [...steps, { do: 'create', name: last, size: 0, on: true, held: false } as const]) {
    const before = mesh.workspace.position();
    const answer = await play(mesh, next, model);
    const position = mesh.workspace.position();
    const expected = model.take(next, before + 1n);
    expect([answer, position - before]).toEqual(
      expected === 'changed' ? ['done', 1n] : expected === 'unchanged' ? ['done', 0n] : [expected, 0n],
    );
    const found = await mesh.workspace.get({ kind: mesh.kind, version: 'v1', namespace: '', name: next.name });
    expect(found && thingOf(found.object)).toEqual(model.things.get(next.name));
    expect(found?.object.metadata.resourceVersion).toEqual(model.versions.get(next.name)?.toString());
  }
}

async function looksRight(mesh: Mesh, model: Model, from: bigint): Promise<void> {
  for (let position = from; position < mesh.workspace.position(); position++) {
    expect(lines(await told(mesh, position, false))).toEqual(model.toldAfter(position, () => true));
    const selected = await told(mesh, position, true);
    expect(lines(selected)).toEqual(model.toldAfter(position, (thing) => thing.on));
    for (const { type, object, position: at } of selected)
      if (type !== 'DELETED') expect(thingOf(object.object)).toEqual(model.at(at).get(object.name));
  }
}

describe('whatever clients do', { timeout: 600_000 }, () => {
  it('versions grow by one for each change, only who is stale is refused for it, and history is the same from everywhere', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), fc.boolean(), async (steps, withSnapshot) => {
      const mesh = await Mesh.open();
      try {
        const model = new Model();
        const from = mesh.workspace.position();
        await playAll(mesh, steps, model);
        await looksRight(mesh, model, from);
        for (let at = from; at <= mesh.workspace.position(); at++) {
          const listed = await mesh.workspace.list({ kind: mesh.kind, version: 'v1', namespace: '', at });
          expect(listed.type === 'listed' && things(listed.items)).toEqual([...model.at(at)]);
        }
        await mesh.restart(withSnapshot);
        await looksRight(mesh, model, from);
      } finally {
        await mesh.house.close();
      }
    });
    await fc.assert(property, { numRuns: runs });
  });

  it('of those who send the same version at once, one is served', async () => {
    const property = fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 12 }), async (sizes) => {
      const mesh = await Mesh.open();
      try {
        const model = new Model();
        await playAll(mesh, [{ do: 'create', name: 'a', size: 0, on: false, held: false }], model);
        const answers = await Promise.all(sizes.map((one) => play(mesh, { do: 'patch', name: 'a', size: one, version: 'present' }, model)));
        expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
        expect(answers.filter((answer) => answer === 'ResourceMoved')).toHaveLength(sizes.length - 1);
        const before = mesh.workspace.position();
        const anyway = await Promise.all(
          sizes.map((one) => play(mesh, { do: 'patch', name: 'a', size: one + 1000, version: 'none' }, model)),
        );
        expect([new Set(anyway), mesh.workspace.position() - before]).toEqual([new Set(['done']), BigInt(sizes.length)]);
      } finally {
        await mesh.house.close();
      }
    });
    await fc.assert(property, { numRuns: Math.ceil(runs / 4) });
  });
});
