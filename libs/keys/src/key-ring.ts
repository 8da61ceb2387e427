import { decrypt, encrypt } from './cipher.ts';

/** What a ring asks for keys that it does not hold. */
export type KeySource = {
  readonly create: (account: string, uid: string) => Promise<Buffer>;
  readonly find: (account: string, uid: string) => Promise<Buffer | undefined>;
  readonly load: (account: string) => Promise<ReadonlyMap<string, Buffer>>;
  readonly destroy: (account: string, uid: string) => Promise<void>;
};

/** Of so many it is remembered that they are gone: Secrets come and go for as long as an account is in use. Of the others the source knows. */
const destroyedMax = 256;

/** The keys of one account's objects, held in memory so that sealing and opening need no waiting. */
export class KeyRing {
  readonly #account: string;
  readonly #source: KeySource;
  /** Null where a key is known to be destroyed. Most accounts have none. */
  #held: Map<string, Buffer | null> | undefined;
  /** Whose keys were destroyed here, the newest last. */
  #destroyed: Set<string> | undefined;

  constructor(account: string, source: KeySource) {
    this.#account = account;
    this.#source = source;
  }

  /** Makes an object's key. Durable when it resolves: what is sealed with it can be opened for as long as it is not destroyed. */
  async make(uid: string): Promise<void> {
    this.#hold(uid, await this.#source.create(this.#account, uid));
  }

  /** As `make`, for an object that may have a key already: of several processes that ask for one, all get the same. */
  async ensure(uid: string): Promise<void> {
    if (!this.knows(uid)) await this.fetch(uid);
    if (this.holds(uid)) return;
    await this.#source.create(this.#account, uid);
    this.#hold(uid, (await this.#source.find(this.#account, uid)) ?? null);
  }

  /** Whether `seal` can be asked about this object. */
  holds(uid: string): boolean {
    return this.#held?.get(uid) != null;
  }

  /** Whether `open` can answer for this object without `fetch`. */
  knows(uid: string): boolean {
    return this.#held?.has(uid) === true;
  }

  /** Gets the key of an object that something sealed was found of; the first time, with all others of the account. */
  async fetch(uid: string): Promise<void> {
    if (!this.#held) for (const [known, key] of await this.#source.load(this.#account)) this.#hold(known, key);
    if (!this.knows(uid)) this.#hold(uid, (await this.#source.find(this.#account, uid)) ?? null);
  }

  async destroy(uid: string): Promise<void> {
    await this.#source.destroy(this.#account, uid);
    if (!this.#held) return;
    this.#held.set(uid, null);
    this.#destroyed ??= new Set();
    this.#destroyed.delete(uid);
    this.#destroyed.add(uid);
    if (this.#destroyed.size <= destroyedMax) return;
    const [oldest = ''] = this.#destroyed;
    this.#destroyed.delete(oldest);
    this.#held.delete(oldest);
  }

  /** Undefined where the key is destroyed. @throws Error where the object has none: nothing is ever written in clear instead. */
  seal(uid: string, text: string): string | undefined {
    const key = this.#held?.get(uid);
    if (key === undefined) throw new Error(`object ${uid} has no key to seal it with`);
    return key === null ? undefined : encrypt(key, Buffer.from(text), uid);
  }

  /** Undefined where the key is destroyed. @throws Error where it was never fetched */
  open(uid: string, sealed: string): string | undefined {
    const key = this.#held?.get(uid);
    if (key === undefined) throw new Error(`the key of object ${uid} was not fetched`);
    return key === null ? undefined : decrypt(key, sealed, uid).toString();
  }

  #hold(uid: string, key: Buffer | null): void {
    this.#held ??= new Map();
    this.#held.set(uid, key);
  }
}
