import type { DestroyedKey, KeyStore, WrappedKey } from './key-store.ts';

/** Keys that live as long as the process. */
export class MemoryKeyStore implements KeyStore {
  readonly #accounts = new Map<string, Map<string, WrappedKey>>();
  readonly #destroyed = new Map<string, DestroyedKey>();

  async save(key: WrappedKey): Promise<void> {
    let keys = this.#accounts.get(key.account);
    if (!keys) this.#accounts.set(key.account, (keys = new Map()));
    if (!keys.has(key.uid)) keys.set(key.uid, key);
  }

  async find(account: string, uid: string): Promise<WrappedKey | undefined> {
    return this.#accounts.get(account)?.get(uid);
  }

  async load(account: string): Promise<readonly WrappedKey[]> {
    return [...(this.#accounts.get(account)?.values() ?? [])];
  }

  async destroy(account: string, uid: string): Promise<void> {
    if (this.#accounts.get(account)?.delete(uid)) this.#destroyed.set(`${account}/${uid}`, { account, uid });
  }

  async destroyAll(account: string): Promise<void> {
    for (const { uid } of await this.load(account)) await this.destroy(account, uid);
    this.#accounts.delete(account);
  }

  async notWrappedBy(masterKey: string, max: number): Promise<readonly WrappedKey[]> {
    const all = [...this.#accounts.values()].flatMap((keys) => [...keys.values()]);
    return all.filter((key) => key.masterKey !== masterKey).slice(0, max);
  }

  async replace(keys: readonly WrappedKey[]): Promise<void> {
    for (const key of keys) {
      const known = this.#accounts.get(key.account);
      if (known?.has(key.uid)) known.set(key.uid, key);
    }
  }

  async *all(): AsyncGenerator<WrappedKey> {
    for (const keys of this.#accounts.values()) yield* keys.values();
  }

  async *destroyed(): AsyncGenerator<DestroyedKey> {
    yield* this.#destroyed.values();
  }

  async destroyToo(keys: readonly DestroyedKey[]): Promise<void> {
    for (const { account, uid } of keys) {
      this.#accounts.get(account)?.delete(uid);
      this.#destroyed.set(`${account}/${uid}`, { account, uid });
    }
  }
}
