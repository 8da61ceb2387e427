import type { ObjectRecord } from './object-record.ts';

type Dependent = Pick<ObjectRecord, 'uid' | 'owners'>;

/** Who depends on whom, by uid. In a fork it holds what is new, and who no longer depends. */
export class Dependents {
  readonly #inFork: boolean;
  readonly #ofOwner = new Map<string, Map<string, boolean>>();

  constructor(inFork = false) {
    this.#inFork = inFork;
  }

  *of(owner: string): Iterable<string> {
    for (const [dependent, depends] of this.#ofOwner.get(owner) ?? []) if (depends) yield dependent;
  }

  /** Whether it says anything of this pair: then a base is not to be asked. */
  speaksOf(owner: string, dependent: string): boolean {
    return this.#ofOwner.get(owner)?.has(dependent) === true;
  }

  relate(before: Dependent | undefined, after: Dependent | undefined): void {
    for (const owner of before?.owners ?? []) if (!after?.owners.includes(owner)) this.#part(owner, before?.uid ?? '');
    for (const owner of after?.owners ?? []) this.#join(owner, after?.uid ?? '');
  }

  absorb(fork: Dependents): void {
    for (const [owner, changes] of fork.#ofOwner)
      for (const [dependent, depends] of changes) {
        if (depends) this.#join(owner, dependent);
        else this.#part(owner, dependent);
      }
  }

  #join(owner: string, dependent: string): void {
    const known = this.#ofOwner.get(owner);
    if (known) known.set(dependent, true);
    else this.#ofOwner.set(owner, new Map([[dependent, true]]));
  }

  #part(owner: string, dependent: string): void {
    const known = this.#ofOwner.get(owner);
    if (this.#inFork) {
      if (known) known.set(dependent, false);
      else this.#ofOwner.set(owner, new Map([[dependent, false]]));
    } else if (known?.delete(dependent) && known.size === 0) this.#ofOwner.delete(owner);
  }
}
