import type { KubeObject } from '#kube';
import type { AccountState } from './account-state.ts';
import type { Refusal } from './refusal.ts';

/** A write that is sound by itself, as it would be done. */
export type ScreenedWrite = {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** As it was sent: '' where the server makes it up. */
  readonly name: string;
  /** After the write; undefined for a deletion. */
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
};

/** Why the policies of the workspace do not let a consumer do this, judged by the state that the write would change. */
export type Screen = (write: ScreenedWrite, account: AccountState) => Refusal | undefined;
