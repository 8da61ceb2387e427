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
    return definitions.map((record) => this.prepare(record)).filter((kind) => kind !== 'unserved');
  }

  /** What reading a definition costs is paid once. */
  prepare(record: ObjectRecord): ServedKind | 'unserved' {
    let kind = this.#byRecord.get(record);
    if (!kind) this.#byRecord.set(record, (kind = this.#make(record)));
    return kind;
  }

  #make(record: ObjectRecord): ServedKind | 'unserved' {
    const { object } = record;
    const { established, names } = definitionFacts(record);
    if (!established) return 'unserved';
    const { group, scope, versions, conversion = { strategy: 'None' as const } } = specOfDefinition(object);
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

/** What is asked of all definitions at once: read once per state of each. */
export type DefinitionFacts = NamesOf & {
  /** The names that it has been given. */
  readonly names: DefinitionNames;
  /** Whether its kind is served. */
  readonly established: boolean;
  /** Whether it still waits for names that others have. */
  readonly waits: boolean;
};

const factsByRecord = new WeakMap<ObjectRecord, DefinitionFacts>();

export function definitionFacts(record: ObjectRecord): DefinitionFacts {
  let facts = factsByRecord.get(record);
  if (!facts) {
    const { object } = record;
    const { acceptedNames: names = { plural: '', kind: '' }, conditions = [] } = statusOfDefinition(object);
    const established = isEstablished(object);
    const hasNames = conditions.some(({ type, status }) => type === 'NamesAccepted' && status === 'True');
    factsByRecord.set(record, (facts = { ...namesOf(names), names, established, waits: !established || !hasNames }));
  }
  return facts;
}

/** What stands in paths and short forms, and what stands in bodies: within a group nobody else may have a name of the same sort. */
export type NamesOf = { readonly resources: readonly string[]; readonly kinds: readonly string[] };

export function namesOf({ plural, singular, shortNames = [], kind, listKind }: DefinitionNames): NamesOf {
  const given = (name: string | undefined): name is string => name !== undefined && name !== '';
  return { resources: [plural, singular, ...shortNames].filter(given), kinds: [kind, listKind].filter(given) };
}
