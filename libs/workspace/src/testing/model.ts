import type { KubeObject } from '#kube';

/** What a client asks of one thing, by name. `version`: which resourceVersion it sends. */
export type Step =
  | { readonly do: 'create'; readonly name: string; readonly size: number; readonly on: boolean; readonly held: boolean }
  | { readonly do: 'update'; readonly name: string; readonly size: number; readonly on: boolean; readonly version: Version }
  | { readonly do: 'patch'; readonly name: string; readonly size: number; readonly version: Version }
  | { readonly do: 'label'; readonly name: string; readonly on: boolean; readonly version: Version }
  | { readonly do: 'apply'; readonly name: string; readonly size: number; readonly manager: string }
  | { readonly do: 'status'; readonly name: string; readonly seen: number; readonly version: Version }
  | { readonly do: 'delete'; readonly name: string; readonly version: Version }
  | { readonly do: 'finalize'; readonly name: string };
export type Version = 'present' | 'stale' | 'none';

/** What is looked at of a thing. */
export type Thing = {
  readonly generation: number;
  readonly size: number | undefined;
  readonly seen: number | undefined;
  readonly on: boolean;
  readonly held: boolean;
  readonly deleting: boolean;
};
export type Change = {
  readonly position: bigint;
  readonly name: string;
  readonly before: Thing | undefined;
  readonly after: Thing | undefined;
};

export const finalizer = 'x.io/hold';

/** What a workspace should make of steps, as plainly as it can be said. */
export class Model {
  readonly things = new Map<string, Thing>();
  readonly versions = new Map<string, bigint>();
  readonly history: Change[] = [];
  /** Who says by apply what a thing's size is: one more, or one who no longer does, is a change of the thing, too. */
  readonly #appliers = new Map<string, ReadonlySet<string>>();

  /** The refusal's type, or whether anything changes. Where it does, `position` is where. */
  take(step: Step, position: bigint): string {
    const present = this.things.get(step.name);
    const refusal = refusalOf(step, present);
    if (refusal !== undefined) return refusal;
    const after = outcomeOf(step, present);
    const appliers = this.#appliersAfter(step, present);
    if (same(present, after) && appliers === this.#appliers.get(step.name)) return 'unchanged';
    this.history.push({ position, name: step.name, before: present, after });
    this.#appliers.set(step.name, appliers);
    if (after) this.things.set(step.name, after);
    else this.things.delete(step.name);
    if (after) this.versions.set(step.name, position);
    else this.versions.delete(step.name);
    return 'changed';
  }

  /** All things as of a position, by name. */
  at(position: bigint): ReadonlyMap<string, Thing> {
    const things = new Map<string, Thing>();
    for (const change of this.history.filter((change) => change.position <= position)) {
      if (change.after) things.set(change.name, change.after);
      else things.delete(change.name);
    }
    return new Map([...things].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What a watch from a position on is told, by name, type and position; `selects` keeps some. */
  toldAfter(position: bigint, selects: (thing: Thing) => boolean): readonly string[] {
    return this.history
      .filter((change) => change.position > position)
      .flatMap(({ position: at, name, before, after }) => {
        const [was, is] = [before !== undefined && selects(before), after !== undefined && selects(after)];
        if (!was && !is) return [];
        return [`${was ? (is ? 'MODIFIED' : 'DELETED') : 'ADDED'} ${name} ${at}`];
      });
  }

  #appliersAfter(step: Step, present: Thing | undefined): ReadonlySet<string> {
    const known = this.#appliers.get(step.name) ?? nobody;
    if (step.do === 'create') return nobody;
    if (step.do === 'apply') {
      if (present?.size !== step.size) return new Set([step.manager]);
      return known.has(step.manager) ? known : new Set([...known, step.manager]);
    }
    return 'size' in step && present?.size !== step.size ? nobody : known;
  }
}

const nobody: ReadonlySet<string> = new Set();

function refusalOf(step: Step, present: Thing | undefined): string | undefined {
  if (step.do === 'create') return present ? 'ResourceExists' : undefined;
  if (step.do === 'apply') return undefined;
  if (!present) return 'ResourceUnknown';
  if (step.do === 'finalize') return undefined;
  if (step.version === 'stale') return step.do === 'delete' ? 'PreconditionFailed' : 'ResourceMoved';
  return step.version === 'none' && (step.do === 'update' || step.do === 'status') ? 'ObjectInvalid' : undefined;
}

const born: Thing = { generation: 1, size: undefined, seen: undefined, on: false, held: false, deleting: false };

function outcomeOf(step: Step, present: Thing | undefined): Thing | undefined {
  const thing = present ?? born;
  const sized = (size: number): Thing => ({
    ...thing,
    size,
    generation: present && present.size !== size ? present.generation + 1 : thing.generation,
  });
  switch (step.do) {
    case 'create':
      return { ...born, size: step.size, on: step.on, held: step.held };
    case 'update':
      return { ...sized(step.size), on: step.on };
    case 'patch':
    case 'apply':
      return sized(step.size);
    case 'label':
      return { ...thing, on: step.on };
    case 'status':
      return { ...thing, seen: step.seen };
    case 'delete':
      if (thing.deleting) return thing;
      return thing.held ? { ...thing, deleting: true, generation: thing.generation + 1 } : undefined;
    case 'finalize':
      return thing.deleting ? undefined : { ...thing, held: false };
  }
}

const same = (a: Thing | undefined, b: Thing | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A thing as it is served. */
export function thingOf({ metadata, spec, status }: KubeObject): Thing {
  return {
    generation: metadata.generation ?? 0,
    size: (spec as { readonly size?: number } | undefined)?.size,
    seen: (status as { readonly seen?: number } | undefined)?.seen,
    on: metadata.labels?.['on'] === 'yes',
    held: metadata.finalizers?.includes(finalizer) === true,
    deleting: metadata.deletionTimestamp !== undefined,
  };
}
