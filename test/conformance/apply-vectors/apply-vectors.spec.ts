import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  applyConfiguration,
  fieldsReset,
  managedAfterUpdate,
  objectTypeOf,
  type JsonObject,
  type ManagedFields,
  type TrackedWrite,
} from '#kube';

// What upstream's own field manager answered to random writes. The README beside this file says how to ask it again.

type Write = {
  readonly operation: 'Apply' | 'Update';
  readonly manager: string;
  readonly version: string;
  readonly subresource?: 'status';
  readonly force?: boolean;
  readonly body: JsonObject;
};
type Note = {
  readonly write: Write;
  readonly object?: JsonObject;
  readonly managedFields?: readonly JsonObject[] | null;
  readonly failure?: { readonly message: string; readonly causes?: readonly string[] };
};
type Kind = { readonly schemas: Readonly<Record<string, JsonObject>>; readonly stories: readonly (readonly Note[])[] };

const kinds = gunzipSync(readFileSync(new URL('vectors.jsonl.gz', import.meta.url)))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Kind);

describe('writes that upstream answered', () => {
  it('are thousands, of both operations, with conflicts and with refusals', () => {
    const notes = kinds.flatMap(({ stories }) => stories.flat());
    expect(notes.length).toBeGreaterThan(4_000);
    expect(notes.filter(({ failure }) => failure?.causes !== undefined).length).toBeGreaterThan(300);
    expect(notes.filter(({ failure }) => failure !== undefined && failure.causes === undefined).length).toBeGreaterThan(80);
    expect(notes.filter(({ write }) => write.operation === 'Update').length).toBeGreaterThan(1_000);
  });

  it.each(kinds.map((kind, index) => [index, kind] as const))('kind %i', (_, kind) => {
    for (const story of kind.stories) {
      let live: JsonObject | undefined;
      for (const [step, note] of story.entries()) {
        expect(perform(kind, live, note.write, step), JSON.stringify({ step, live, note, schema: kind.schemas['v1'] })).toEqual(
          inOneOrder(note.failure) ?? { object: note.object, managedFields: note.managedFields ?? undefined },
        );
        if (note.object !== undefined) live = withManaged(note.object, note.managedFields ?? undefined);
      }
    }
  });
});

function perform({ schemas }: Kind, live: JsonObject | undefined, write: Write, step: number): unknown {
  const { operation, manager, version, subresource = '', force = false, body } = write;
  const types = new Map(Object.entries(schemas).map(([name, schema]) => [`example.com/${name}`, objectTypeOf(schema)]));
  const apiVersion = `example.com/${version}`;
  const type = types.get(apiVersion);
  if (type === undefined) throw new Error(`no version ${version}`);
  const tracked: TrackedWrite = {
    manager,
    apiVersion,
    subresource,
    at: `2020-01-01T00:00:${String(step).padStart(2, '0')}.123Z`,
    versions: { typeOf: (name) => types.get(name), convert },
    resets: fieldsReset(type, subresource, true),
  };
  const present = live === undefined ? undefined : convert(live, apiVersion);
  if (operation === 'Update') {
    const { managedFields: sent, ...metadata } = body['metadata'] as JsonObject;
    const next = { ...body, metadata };
    return written(next, managedAfterUpdate(present, next, sent, tracked), live === undefined);
  }
  const applied = applyConfiguration(present, body, { ...tracked, force });
  switch (applied.type) {
    case 'applied':
      return written(applied.object, applied.managedFields, live === undefined);
    case 'untyped':
      return inOneOrder({ message: applied.message });
    case 'conflict':
      return { message: applied.message, causes: applied.causes.map(({ message, field }) => `${message} ${field}`).sort() };
  }
}

/** Upstream finds several faults in the order of a Go map: in any. */
function inOneOrder(failure: Note['failure']): Note['failure'] {
  if (failure === undefined || failure.causes !== undefined) return failure;
  return { message: failure.message.split('\n').sort().join('\n') };
}

function written(object: JsonObject, managedFields: ManagedFields, isNew: boolean): unknown {
  const { managedFields: _, ...metadata } = object['metadata'] as JsonObject;
  const stored = { ...object, metadata: { ...metadata, ...(isNew ? { uid: 'u-1' } : {}) } };
  return { object: convert(stored, 'example.com/v1'), managedFields };
}

function withManaged(object: JsonObject, managedFields: ManagedFields): JsonObject {
  const metadata = object['metadata'] as JsonObject;
  return { ...object, metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) } };
}

/** The kind's conversion: v2 calls `spec.renamed` `spec.called`. */
function convert(object: JsonObject, apiVersion: string): JsonObject {
  if (object['apiVersion'] === apiVersion) return object;
  const [from, to] = apiVersion === 'example.com/v1' ? ['called', 'renamed'] : ['renamed', 'called'];
  const { spec } = object;
  if (typeof spec !== 'object' || spec === null || !Object.hasOwn(spec, from)) return { ...object, apiVersion };
  const { [from]: value, ...rest } = spec as JsonObject;
  return { ...object, apiVersion, spec: { ...rest, [to]: value } };
}
