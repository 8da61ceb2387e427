import { countingBeside, forgetResources, openWorkspace, recountBeside, sideStreamOf, type EventAuthor, type ObjectRecord } from '#account';
import type { KubeObject } from '#kube';
import { noRevision, type EventLog } from '#stream';
import type { AccountActor } from './account-actor.ts';
import type { Accounts } from './accounts.ts';
import { resourceQuotas } from './kinds/quota-kinds.ts';

export type EphemeraOptions = {
  readonly accounts: Accounts;
  readonly log: EventLog;
  readonly now: () => string;
  /** Without snapshots nothing of the side streams' past can be forgotten. */
  readonly hasSnapshots: boolean;
};

/** How long an Event is kept after it was last seen, as upstream has it. */
const eventKeptMs = 3_600_000;
const roundMs = 60_000;
/** How far back a watch may resume. */
const roundsKept = 10;
const truncatedAtOnceMin = 200n;

/**
 * What is written every few seconds and matters for an hour (Leases, Events) stands on a side stream of the account, with
 * positions of its own: it costs the account's history nothing. Expired objects go, and the side stream's past with them.
 */
export class Ephemera {
  readonly #options: EphemeraOptions;
  readonly #known = new Map<AccountActor, { readonly marks: bigint[]; truncated: bigint }>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: EphemeraOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.round().catch(() => undefined), roundMs);
    this.#timer.unref();
  }

  /** The side stream of an account. It is opened when it is first asked for, so that it has a position. */
  async of({ state: { cluster, path } }: AccountActor): Promise<AccountActor> {
    const side = await this.#options.accounts.side(cluster);
    if (this.#known.has(side)) return side;
    const by = this.#author('first use');
    await side.freshen();
    if (side.state.phase === 'absent')
      await side.submit((state) => openWorkspace({ cluster, path, owner: null, furniture: [], by }, state));
    await this.#expire(side);
    this.#known.set(side, { marks: [], truncated: 0n });
    return side;
  }

  /** The same as it stands in the log now, unless nobody has ever asked for it. */
  async ofUsed(account: AccountActor): Promise<AccountActor | undefined> {
    const head = await this.#options.log.head(sideStreamOf(account.state.cluster));
    if (head === noRevision) return undefined;
    const side = await this.of(account);
    await side.settled();
    return side;
  }

  /** Brings the quotas of a namespace ('': of all) up to date that count what stands on the side stream. One look where there are none. */
  async recount(account: AccountActor, namespace: string): Promise<void> {
    if (countingBeside(namespace, account.state).length === 0) return;
    const side = await this.of(account);
    await side.settled();
    const by = this.#author('recount');
    await account.submit((state) => recountBeside({ side: side.state, namespace, kind: resourceQuotas, by }, state));
  }

  /** Lets go of what has had its time. Once a minute; callable for specs and tools. */
  async round(): Promise<void> {
    for (const [side, kept] of this.#known) {
      if (!this.#options.accounts.isLoaded(side)) this.#known.delete(side);
      else {
        await this.#expire(side);
        await this.#truncate(side, kept);
      }
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #expire(side: AccountActor): Promise<void> {
    const oldest = Date.parse(this.#options.now()) - eventKeptMs;
    const expired = side.state.list('events').filter((record) => lastSeenMs(record) < oldest);
    await forget(side, expired, this.#author('expiry'));
  }

  async #truncate(side: AccountActor, kept: { readonly marks: bigint[]; truncated: bigint }): Promise<void> {
    kept.marks.push(side.position - 1n);
    if (kept.marks.length <= roundsKept) return;
    const before = kept.marks.shift() ?? 0n;
    if (!this.#options.hasSnapshots || before - kept.truncated < truncatedAtOnceMin) return;
    await side.saveSnapshot();
    await this.#options.log.truncate(sideStreamOf(side.state.cluster), before);
    kept.truncated = before;
  }

  #author(cause: string): EventAuthor {
    return { user: 'system:tributary', userAgent: 'tributary', fieldManager: 'tributary', at: this.#options.now(), cause };
  }
}

const atOnceMax = 200;

/** Removes objects of a side stream, whatever holds them. */
export async function forget(side: AccountActor, records: readonly ObjectRecord[], by: EventAuthor): Promise<void> {
  for (let start = 0; start < records.length; start += atOnceMax) {
    const keys = records.slice(start, start + atOnceMax).map(({ key }) => key);
    await side.submit((state) => forgetResources({ keys, by }, state));
  }
}

/** The server's own time of creation, or what the recorder says of the newest repetition. */
function lastSeenMs(record: ObjectRecord): number {
  const { metadata, lastTimestamp, series } = record.object as KubeObject & {
    readonly lastTimestamp?: string | null;
    readonly series?: { readonly lastObservedTime?: string } | null;
  };
  const moments = [metadata.creationTimestamp, lastTimestamp, series?.lastObservedTime].map((text) => Date.parse(text ?? ''));
  return Math.max(...moments.filter((moment) => !Number.isNaN(moment)));
}
