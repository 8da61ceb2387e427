import type { ObjectChange } from '#account';

/** How many of the newest changes are kept at hand, for watches that resume and for the pages of a list. */
const recentMax = 2048;
/** Of these, how many keep the parsed form of their object: who comes later parses the text again. */
const parsedMax = 128;
/** So many in any case; those beyond are counted over all accounts of the process. */
const parsedMin = 8;
const parsedHeldMax = 1_000;

/** How long the texts of all changes may be that all accounts keep at hand together, in characters. */
const heldMaxDefault = 24_000_000;
/** So much an account keeps of its own, however many others there are. */
const ownMin = 128_000;

/** What the recent changes of many accounts hold together. */
export class Held {
  readonly max: number;
  length = 0;
  /** Changes whose objects are parsed, but for the newest few of each account. */
  parsed = 0;

  constructor(max = heldMaxDefault) {
    this.max = max;
  }
}

/** The newest changes in order. Everything after `#floor` is here. Where all accounts together hold too much, those that grow hold less. */
export class RecentChanges {
  #changes: ObjectChange[] = [];
  #floor = 0n;
  readonly #held: Held;
  #length = 0;
  /** So many of the newest are parsed. */
  #parsed = 0;

  constructor(held: Held) {
    this.#held = held;
  }

  startAfter(position: bigint): void {
    this.#floor = position;
  }

  push(change: ObjectChange): void {
    this.#changes.push(change);
    this.#hold(change.after.length);
    this.#holdParsed(this.#parsed + 1);
    const most = this.#held.parsed > parsedHeldMax ? parsedMin : parsedMax;
    while (this.#parsed > most) {
      const older = this.#changes[this.#changes.length - this.#parsed];
      older?.before?.shorten();
      older?.after.shorten();
      this.#holdParsed(this.#parsed - 1);
    }
    if (this.#changes.length >= 2 * recentMax) this.#drop(recentMax);
    else if (this.#held.length > this.#held.max && this.#length > ownMin) this.#drop(Math.ceil(this.#changes.length / 2));
  }

  /** Lets go of all: nobody uses the account. */
  rest(): void {
    this.#drop(this.#changes.length);
  }

  #drop(count: number): void {
    const dropped = this.#changes.splice(0, count);
    this.#hold(-dropped.reduce((length, { after }) => length + after.length, 0));
    this.#floor = dropped[dropped.length - 1]?.position ?? this.#floor;
    this.#holdParsed(Math.min(this.#parsed, this.#changes.length));
  }

  #holdParsed(count: number): void {
    this.#held.parsed += Math.max(0, count - parsedMin) - Math.max(0, this.#parsed - parsedMin);
    this.#parsed = count;
  }

  #hold(length: number): void {
    this.#length += length;
    this.#held.length += length;
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
