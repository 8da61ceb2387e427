import { clusterNameOf } from './cluster-name.ts';

/** Where Accounts stand, as a view has it: it may be behind the log. */
export type AccountDirectory = {
  /** The Account of this name in the workspace of this cluster; `creator` is '' where nobody is named. */
  find(parent: string, name: string): Promise<{ readonly uid: string; readonly creator: string } | undefined>;
};

/** An Account on the way from the root to a workspace. `parent`: the cluster it stands in; `cluster`: that of its own workspace. */
export type Ancestor = { readonly parent: string; readonly uid: string; readonly cluster: string; readonly creator: string };

const rememberedMax = 10_000;

/**
 * The way from the root to a workspace without the states of those between, which may hold thousands of Accounts each. It is a hint: whoever
 * uses it looks whether the workspace it leads to says the same. A cluster's name follows from the uid of its Account, so that a way whose
 * end is right is right all along.
 */
export class Lineage {
  readonly #directory: AccountDirectory;
  readonly #remembered = new Map<string, Ancestor>();

  constructor(directory: AccountDirectory) {
    this.#directory = directory;
  }

  /** From the top down to the Account of `path` itself, the root left out; undefined where the view does not know of one of them, or cannot be asked. */
  async of(path: string): Promise<readonly Ancestor[] | undefined> {
    const [root = '', ...names] = path.split(':');
    const ancestors: Ancestor[] = [];
    let [parent, at] = [root, root];
    for (const name of names) {
      at = `${at}:${name}`;
      const ancestor = this.#remembered.get(at) ?? (await this.#ask(parent, name));
      // Nearer the root another was put in its place.
      if (ancestor?.parent !== parent) {
        this.forget(path);
        return undefined;
      }
      this.#remember(at, ancestor);
      ancestors.push(ancestor);
      parent = ancestor.cluster;
    }
    return ancestors;
  }

  /** The way to this path was wrong. */
  forget(path: string): void {
    for (let at = path; at.includes(':'); at = at.slice(0, at.lastIndexOf(':'))) this.#remembered.delete(at);
  }

  async #ask(parent: string, name: string): Promise<Ancestor | undefined> {
    const found = await this.#directory.find(parent, name).catch(() => undefined);
    return found && { parent, uid: found.uid, cluster: clusterNameOf(found.uid), creator: found.creator };
  }

  #remember(path: string, ancestor: Ancestor): void {
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(path, ancestor);
  }
}
