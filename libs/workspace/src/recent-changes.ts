import type { ObjectChange } from '#account';

/** How many of the newest changes are kept at hand, for watches that resume and for the pages of a list. */
const recentMax = 2048;
/** Of these, how many keep the parsed form of their object: who comes later parses the text again. */
const parsedMax = 128;

/** The newest changes in order. Everything after `#floor` is here. */
export class RecentChanges {
  #changes: ObjectChange[] = [];
  #floor = 0n;

  startAfter(position: bigint): void {
    this.#floor = position;
  }

  push(change: ObjectChange): void {
    this.#changes.push(change);
    const older = this.#changes[this.#changes.length - 1 - parsedMax];
    older?.before?.rest();
    older?.after.rest();
    if (this.#changes.length < 2 * recentMax) return;
    const dropped = this.#changes.splice(0, recentMax);
    this.#floor = dropped[dropped.length - 1]?.position ?? this.#floor;
  }

  after(position: bigint): readonly ObjectChange[] | undefined {
    if (position < this.#floor) return undefined;
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle]?.position ?? 0n) > position) high = middle;
      else low = middle + 1;
    }
    return this.#changes.slice(low);
  }
}
