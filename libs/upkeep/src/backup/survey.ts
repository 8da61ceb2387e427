import { clusterOfStream, eventHeadOf, holdsSecrets, isAccountStream, sealedUidOf } from '#account';
import type { DestroyedKey } from '#keys';
import type { RecordedEvent } from '#stream';
import { eventOfLine } from './event-lines.ts';
import { readLines } from './json-lines.ts';
import type { Manifest } from './manifest.ts';

/** Where to stop: behind a position of the log that was backed up, or before what happened later than a time. */
export type Until = { readonly position?: bigint | undefined; readonly time?: Date | undefined };

export type Survey = {
  /** The last position to restore. */
  readonly end: bigint;
  /** Whether anything lies behind it. */
  readonly isWhole: boolean;
  /** Where each stream begins that is not there from its beginning, up to the end. */
  readonly begins: ReadonlyMap<string, bigint>;
  /** The last revision of each stream, up to the end. */
  readonly heads: ReadonlyMap<string, bigint>;
  /** `account/uid` of the sealed objects that are declared up to the end. */
  readonly sealed: ReadonlySet<string>;
  /** Whose keys must not come back: what they sealed is removed, before the end or behind it. */
  readonly removed: readonly DestroyedKey[];
};

/** Reads a whole backup before anything is restored from it: every file must be what was written. @throws BackupDamaged */
export async function survey(folder: string, manifest: Manifest, until: Until): Promise<Survey> {
  const looking = new Looking(until);
  for await (const events of eventsOf(folder, manifest)) for (const event of events) looking.see(event);
  return looking.done();
}

export async function* eventsOf(folder: string, manifest: Manifest): AsyncGenerator<readonly RecordedEvent[]> {
  for (const chunk of manifest.chunks) yield (await readLines(folder, chunk)).map(eventOfLine);
}

class Looking {
  readonly #until: Until;
  #end: bigint | undefined;
  #last = 0n;
  readonly #begins = new Map<string, bigint>();
  readonly #heads = new Map<string, bigint>();
  readonly #sealed = new Set<string>();
  readonly #removed = new Map<string, DestroyedKey>();

  constructor(until: Until) {
    this.#until = until;
  }

  see(event: RecordedEvent): void {
    if (this.#end === undefined && this.#isBehind(event)) this.#end = this.#last;
    this.#last = event.position;
    this.#seeKeys(event);
    if (this.#end !== undefined) return;
    const { stream, revision } = event;
    if (revision !== (this.#heads.get(stream) ?? -1n) + 1n) this.#begins.set(stream, revision);
    this.#heads.set(stream, revision);
  }

  done(): Survey {
    const removed = [...this.#removed.values()];
    const end = this.#end ?? this.#last;
    return { end, isWhole: this.#end === undefined, begins: this.#begins, heads: this.#heads, sealed: this.#sealed, removed };
  }

  #isBehind({ position, stream, data }: RecordedEvent): boolean {
    const { position: last, time } = this.#until;
    if (last !== undefined && position > last) return true;
    return time !== undefined && isAccountStream(stream) && timeOf(data) > time.getTime();
  }

  #seeKeys({ stream, type, data }: RecordedEvent): void {
    if (!isAccountStream(stream)) return;
    const account = clusterOfStream(stream);
    const uid = type === 'ResourceRemoved' ? undefined : sealedUidOf(data);
    if (uid !== undefined && this.#end === undefined) this.#sealed.add(`${account}/${uid}`);
    if (type === 'ResourceRemoved') {
      const { key, uid: gone, secretFields } = eventHeadOf({ data });
      if (key && gone !== undefined && holdsSecrets({ key, secretFields })) this.#removed.set(`${account}/${gone}`, { account, uid: gone });
    }
  }
}

/** When an account's event happened. It stands behind the key and before the object, in the author. */
function timeOf(data: string): number {
  const { by } = eventHeadOf({ data }) as { readonly by?: { readonly at?: string } };
  const time = Date.parse(by?.at ?? '');
  return Number.isNaN(time) ? 0 : time;
}
