import { createHash } from 'node:crypto';
import type { ObjectRecord } from '#account';
import { customKind, isEstablished, specOfDefinition, statusOfDefinition, type DefinitionNames, type ServedKind } from '#kube';

/** The kinds that definitions make workspaces serve. Two definitions with the same content are one kind, whosever they are. */
export class CustomKinds {
  readonly #byContent = new Map<string, WeakRef<ServedKind>>();
  readonly #byRecord = new WeakMap<ObjectRecord, ServedKind | 'unserved'>();
  #sweptAt = 1_000;

  /** The kinds of a workspace's definitions, as far as their names were accepted. */
  of(definitions: readonly ObjectRecord[]): readonly ServedKind[] {
    return definitions.map((record) => this.#kindOf(record)).filter((kind) => kind !== 'unserved');
  }

  #kindOf(record: ObjectRecord): ServedKind | 'unserved' {
    let kind = this.#byRecord.get(record);
    if (!kind) this.#byRecord.set(record, (kind = this.#make(record)));
    return kind;
  }

  #make(record: ObjectRecord): ServedKind | 'unserved' {
    const { object } = record;
    if (!isEstablished(object)) return 'unserved';
    const { group, scope, versions, conversion = { strategy: 'None' as const }, names: wanted } = specOfDefinition(object);
    const { acceptedNames: names = wanted } = statusOfDefinition(object);
    const spec = { group, names, scope, versions, conversion };
    const content = createHash('sha256').update(JSON.stringify(spec)).digest('base64');
    const known = this.#byContent.get(content)?.deref();
    if (known) return known;
    const kind = customKind(spec);
    this.#byContent.set(content, new WeakRef(kind));
    if (this.#byContent.size > this.#sweptAt) this.#sweep();
    return kind;
  }

  #sweep(): void {
    for (const [content, kind] of this.#byContent) if (!kind.deref()) this.#byContent.delete(content);
    this.#sweptAt = 2 * Math.max(500, this.#byContent.size);
  }
}

const namesByRecord = new WeakMap<ObjectRecord, DefinitionNames>();

/** The names that a definition has, read once per state of it. */
export function acceptedNamesOf(record: ObjectRecord): DefinitionNames {
  let names = namesByRecord.get(record);
  if (!names) {
    names = statusOfDefinition(record.object).acceptedNames ?? { plural: '', kind: '' };
    namesByRecord.set(record, names);
  }
  return names;
}
