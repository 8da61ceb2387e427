/**
 * A secret as it is kept: sealed with a master key. `account` is the cluster name of the workspace whose object (`uid`) it
 * belongs to; '' for what belongs to the whole installation.
 */
export type WrappedKey = {
  readonly account: string;
  readonly uid: string;
  /** The id of the master key. */
  readonly masterKey: string;
  readonly wrapped: string;
};

/** Whose key was destroyed. */
export type DestroyedKey = Pick<WrappedKey, 'account' | 'uid'>;

/** Where keys are kept, apart from all that they seal: what is destroyed here is destroyed everywhere. Passes `keyStoreContract`. */
export interface KeyStore {
  /** Durable when it resolves. Of several keys for one object the first one stays. */
  save(key: WrappedKey): Promise<void>;

  find(account: string, uid: string): Promise<WrappedKey | undefined>;

  /** All keys of an account, in no order. */
  load(account: string): Promise<readonly WrappedKey[]>;

  destroy(account: string, uid: string): Promise<void>;

  destroyAll(account: string): Promise<void>;

  /** Keys that another master key than this one has sealed, at most `max`. */
  notWrappedBy(masterKey: string, max: number): Promise<readonly WrappedKey[]>;

  /** Puts keys in the place of those for the same objects. What was destroyed meanwhile stays destroyed. */
  replace(keys: readonly WrappedKey[]): Promise<void>;

  /** The keys of all accounts and of the installation, in no order. */
  all(): AsyncIterable<WrappedKey>;

  /** Every key that was destroyed here, in no order: a copy from before must not bring it back. */
  destroyed(): AsyncIterable<DestroyedKey>;

  /** Notes as destroyed what another copy of this store has destroyed. What is here goes. */
  destroyToo(keys: readonly DestroyedKey[]): Promise<void>;
}
