import { randomBytes } from 'node:crypto';
import { decrypt, encrypt, keyBytes } from './cipher.ts';
import { KeyRing } from './key-ring.ts';
import type { KeyStore, WrappedKey } from './key-store.ts';
import type { MasterKey, MasterKeys } from './master-keys.ts';

export type KeysOptions = {
  readonly store: KeyStore;
  /** Asked at the start, and again when a key turns up that none of the known ones has sealed. */
  readonly readMasterKeys: () => Promise<MasterKeys>;
};

/** Envelope encryption: every object has a key of its own, and master keys seal these. Without its key nothing of the object can be read, wherever a copy stands. */
export class Keys {
  readonly #store: KeyStore;
  readonly #readMasterKeys: () => Promise<MasterKeys>;
  #masters: MasterKeys;

  private constructor({ store, readMasterKeys }: KeysOptions, masters: MasterKeys) {
    this.#store = store;
    this.#readMasterKeys = readMasterKeys;
    this.#masters = masters;
  }

  static async open(options: KeysOptions): Promise<Keys> {
    return new Keys(options, await options.readMasterKeys());
  }

  /** As `open`, with master keys that were read before. */
  static over(options: KeysOptions, masters: MasterKeys): Keys {
    return new Keys(options, masters);
  }

  /** An account's keys, for as long as it is in memory. */
  ring(account: string): KeyRing {
    return new KeyRing(account, this);
  }

  /** A new key, durable when this resolves. */
  async create(account: string, uid: string): Promise<Buffer> {
    const key = randomBytes(keyBytes);
    await this.#store.save(this.#wrapped({ account, uid }, key));
    return key;
  }

  /** @throws Error where the master key that has sealed it is not known. */
  async find(account: string, uid: string): Promise<Buffer | undefined> {
    const found = await this.#store.find(account, uid);
    return found && this.#unwrap(found);
  }

  async load(account: string): Promise<ReadonlyMap<string, Buffer>> {
    const keys = new Map<string, Buffer>();
    for (const found of await this.#store.load(account)) keys.set(found.uid, await this.#unwrap(found));
    return keys;
  }

  /** What a key has sealed cannot be opened any more. */
  destroy(account: string, uid: string): Promise<void> {
    return this.#store.destroy(account, uid);
  }

  destroyAll(account: string): Promise<void> {
    return this.#store.destroyAll(account);
  }

  /**
   * A secret of the whole installation, made at its first use: all processes get the same. It also tells at once whether
   * this process has the master keys of the store that it works with.
   */
  async installationSecret(name: string, make: () => Buffer): Promise<Buffer> {
    const found = await this.find('', name);
    if (found) return found;
    await this.#store.save(this.#wrapped({ account: '', uid: name }, make()));
    const kept = await this.find('', name);
    if (!kept) throw new Error(`the secret ${name} vanished while it was made`);
    return kept;
  }

  /** Seals with the newest master key what an older one has sealed, so that the older ones can be taken away. Answers how many keys. */
  async rewrap(): Promise<number> {
    let count = 0;
    for (;;) {
      const older = await this.#store.notWrappedBy(this.#newest.id, batchSizeMax);
      if (older.length === 0) return count;
      const anew: WrappedKey[] = [];
      for (const key of older) anew.push(this.#wrapped(key, await this.#unwrap(key)));
      await this.#store.replace(anew);
      count += anew.length;
    }
  }

  get #newest(): MasterKey {
    return this.#masters[this.#masters.length - 1] as MasterKey;
  }

  #wrapped({ account, uid }: Pick<WrappedKey, 'account' | 'uid'>, key: Buffer): WrappedKey {
    const { id, key: master } = this.#newest;
    return { account, uid, masterKey: id, wrapped: encrypt(master, key, contextOf({ account, uid })) };
  }

  async #unwrap(found: WrappedKey): Promise<Buffer> {
    if (!this.#master(found)) this.#masters = await this.#readMasterKeys();
    const master = this.#master(found);
    if (!master)
      throw new Error(`the master key ${found.masterKey} is missing: all processes over one database need the same master key file`);
    // In memory of its own: what was decrypted stands in a piece of 64 KB that others have the rest of, and keys stay.
    const opened = decrypt(master.key, found.wrapped, contextOf(found));
    const key = Buffer.allocUnsafeSlow(opened.length);
    opened.copy(key);
    return key;
  }

  #master({ masterKey }: WrappedKey): MasterKey | undefined {
    return this.#masters.find(({ id }) => id === masterKey);
  }
}

const batchSizeMax = 500;

const contextOf = ({ account, uid }: Pick<WrappedKey, 'account' | 'uid'>): string => `${account}/${uid}`;
