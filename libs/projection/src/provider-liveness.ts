/** How a provider answers. Times are RFC 3339. */
export type ProviderLiveness = {
  readonly providerCluster: string;
  readonly providerExport: string;
  /** When it last reported about any instance; null where it never did. */
  readonly lastReport: string | null;
  /** How many orders wait for an answer: each instance's last, and deletions. */
  readonly waiting: number;
  /** The oldest of them; null where none waits. */
  readonly oldestOrder: { readonly cluster: string; readonly uid: string; readonly at: string } | null;
  /** Since when it owes an answer without having said anything; null where it owes none. */
  readonly silentSince: string | null;
};

/** Which providers answer. */
export interface ProviderLivenesses {
  /** Of every export that was ever ordered from, by cluster and name; of one provider's only, where its cluster is given. @throws ViewsUnavailable */
  all(providerCluster?: string): Promise<readonly ProviderLiveness[]>;
}
