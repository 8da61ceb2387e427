import type { KubeObject } from '#kube';
import type { ImportTarget, TargetKind } from './import-target.ts';

/** How long a kind that a definition or binding has just brought may take to be served. */
const patienceMs = 15_000;

/** The kinds of a workspace, asked for again when one is missing that something imported may have brought. */
export class KnownKinds {
  readonly #target: ImportTarget;
  #byName = new Map<string, TargetKind>();
  readonly #given = new Set<string>();
  #isStale = true;
  #mayGrow = false;

  constructor(target: ImportTarget) {
    this.#target = target;
  }

  /** Something was created that makes the workspace serve more. */
  grow(): void {
    this.#isStale = true;
    this.#mayGrow = true;
    this.#given.clear();
  }

  /** Whether kinds may be missing only because nothing was really written. */
  get mayGrow(): boolean {
    return this.#mayGrow;
  }

  /** `wait`: for a while, where it may come to be served only now. */
  async of(
    { apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>,
    { wait }: { readonly wait: boolean },
  ): Promise<TargetKind | undefined> {
    const name = `${apiVersion} ${kind}`;
    for (const deadline = performance.now() + patienceMs; ;) {
      if (this.#isStale || (!this.#byName.has(name) && !this.#given.has(name))) await this.#ask();
      const found = this.#byName.get(name);
      if (found || this.#given.has(name) || !this.#mayGrow || !wait || performance.now() > deadline) {
        // Not to wait for it with each of its objects.
        if (!found) this.#given.add(name);
        return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #ask(): Promise<void> {
    const kinds = await this.#target.kinds();
    this.#isStale = false;
    this.#byName = new Map(kinds.map((kind) => [`${kind.group === '' ? '' : `${kind.group}/`}${kind.version} ${kind.kind}`, kind]));
  }
}
