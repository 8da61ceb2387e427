import { nothingEver, spansOf, type Change, type ObjectState, type Span } from './change.ts';

/** What was asked of one account, and what was answered. Times are of one clock, in any unit. */
export type Operation = {
  /** Names it in a fault; of a write, its Audit-Id. */
  readonly id: string;
  readonly begun: number;
  /** Undefined where nobody knows what became of it. */
  readonly ended: number | undefined;
  readonly asked: Asked;
};

export type Asked =
  /** Acknowledged with the revision, where that was answered; `expects` is the resourceVersion that it was to replace. */
  | { readonly type: 'write'; readonly name: string; readonly revision?: bigint; readonly expects?: bigint }
  /** Not done, because of how the object was: another version than expected, there already, or not there. */
  | { readonly type: 'refused'; readonly name: string; readonly because: Reason }
  | { readonly type: 'unknown'; readonly name: string; readonly expects?: bigint }
  | { readonly type: 'get'; readonly name: string; readonly found: Omit<ObjectState, 'name'> | undefined }
  /** The revision is the list's own. */
  | { readonly type: 'list'; readonly revision: bigint; readonly items: readonly ObjectState[] };

export type Reason = { readonly type: 'moved'; readonly expects: bigint } | { readonly type: 'there' } | { readonly type: 'absent' };

/**
 * Whether an account can have answered all this as one register after the other would: every operation at one moment between its
 * beginning and its end. Every change has its revision, so the order of writes is known, and each other operation must find a
 * revision at which its answer was true: not before any that was passed when it began, not behind one that began after it ended.
 * The least such revision is the best choice for all who come later; so one pass decides. Gives what does not fit.
 */
export function faultsOfOperations(operations: readonly Operation[], changes: readonly Change[]): readonly string[] {
  return [...new LinearHistory(operations, changes).faults()];
}

class LinearHistory {
  readonly #operations: readonly Operation[];
  readonly #changes: readonly Change[];
  readonly #spans: ReadonlyMap<string, readonly Span[]>;
  readonly #byCause: ReadonlyMap<string, readonly Change[]>;
  /** The writes that took effect, by when they began. */
  readonly #writes: readonly { readonly begun: number; readonly leastLater: bigint }[];

  constructor(operations: readonly Operation[], changes: readonly Change[]) {
    this.#operations = operations;
    this.#changes = changes;
    this.#spans = spansOf(changes);
    this.#byCause = Map.groupBy(changes, ({ cause }) => cause);
    this.#writes = this.#leastRevisions();
  }

  *faults(): Generator<string> {
    // What has ended before another begins is passed by the time that one begins.
    const byBegin = this.#operations.toSorted((one, other) => one.begun - other.begun);
    const places = new Map<Operation, bigint>();
    const byEnd = this.#operations.filter(({ ended }) => ended !== undefined).toSorted((one, other) => ended(one) - ended(other));
    let passed = 0n;
    let next = 0;
    for (const operation of byBegin) {
      for (let done = byEnd[next]; done && ended(done) < operation.begun; done = byEnd[++next])
        passed = larger(passed, places.get(done) ?? 0n);
      const place = this.#placeOf(operation, passed);
      if (typeof place === 'string') yield `${describe(operation)}: ${place}`;
      else places.set(operation, place);
    }
  }

  /** The least revision at which the operation can have happened, or why there is none. */
  #placeOf(operation: Operation, passed: bigint): bigint | string {
    const { asked } = operation;
    switch (asked.type) {
      case 'write':
      case 'unknown':
        return this.#placeOfWrite(operation, asked, passed);
      case 'refused':
        return (
          this.#effectOf(operation) ??
          this.#placeOfAnswer(
            operation,
            passed,
            this.#spansWhere(asked.name, (state) => isReason(asked.because, state)),
          )
        );
      case 'get':
        return this.#placeOfAnswer(
          operation,
          passed,
          this.#spansWhere(asked.name, (state) => isSame(state, asked.found)),
        );
      case 'list':
        return this.#wrongItem(asked) ?? this.#placeOfAnswer(operation, passed, [{ from: asked.revision, until: asked.revision }]);
    }
  }

  #placeOfWrite(operation: Operation, asked: Asked & { readonly type: 'write' | 'unknown' }, passed: bigint): bigint | string {
    const [change, ...more] = this.#byCause.get(operation.id) ?? [];
    if (more.length > 0) return `took effect ${more.length + 1} times`;
    if (!change) {
      if (asked.type === 'unknown') return 0n;
      // It changed nothing: then it is a read of what it answered.
      const { revision } = asked;
      if (revision === undefined) return 'was acknowledged, and took no effect';
      return this.#placeOfAnswer(
        operation,
        passed,
        this.#spansWhere(asked.name, (state) => state?.revision === revision),
      );
    }
    if (change.name !== asked.name) return `changed ${change.name}`;
    if (asked.type === 'write' && asked.revision !== undefined && asked.revision !== change.revision)
      return `was answered as ${asked.revision}, and stands at ${change.revision}`;
    if (asked.expects !== undefined) {
      const before = this.#spans.get(change.name)?.find(({ until }) => until === change.revision - 1n)?.state;
      if (before?.revision !== asked.expects) return `was to replace ${asked.expects}, and replaced ${before?.revision ?? 'nothing'}`;
    }
    if (change.revision <= passed) return `stands at ${change.revision}, although ${passed} was passed before it began`;
    return change.revision;
  }

  /** What was refused is not done. */
  #effectOf({ id }: Operation): string | undefined {
    const [change] = this.#byCause.get(id) ?? [];
    return change && `took effect all the same, at ${change.revision}`;
  }

  #placeOfAnswer(operation: Operation, passed: bigint, where: readonly Pick<Span, 'from' | 'until'>[]): bigint | string {
    if (where.length === 0) return 'was never so';
    const open = where.find(({ until }) => until >= passed);
    if (!open) return `was so until ${where.at(-1)?.until}, although ${passed} was passed before it began`;
    const place = larger(open.from, passed);
    const later = this.#leastBegunAfter(ended(operation));
    return later !== undefined && place >= later ? `was so from ${place} on, although ${later} began after it ended` : place;
  }

  #spansWhere(name: string, holds: (state: ObjectState | undefined) => boolean): readonly Span[] {
    return (this.#spans.get(name) ?? nothingEver).filter(({ state }) => holds(state));
  }

  /** A list is the whole account at its revision. */
  #wrongItem({ revision, items }: Asked & { readonly type: 'list' }): string | undefined {
    const listed = new Map(items.map((item) => [item.name, item]));
    if (listed.size !== items.length) return 'names an object twice';
    for (const [name, spans] of this.#spans) {
      const state = spans.find(({ from, until }) => from <= revision && revision <= until)?.state;
      if (!isSame(state, listed.get(name)))
        return `has ${name} as ${listed.get(name)?.revision ?? 'absent'}, at ${revision} it was ${state?.revision ?? 'absent'}`;
      listed.delete(name);
    }
    const [strange] = listed.keys();
    return strange === undefined ? undefined : `has ${strange}, which never was`;
  }

  #leastRevisions(): readonly { readonly begun: number; readonly leastLater: bigint }[] {
    const begun = new Map(this.#operations.map((operation) => [operation.id, operation.begun]));
    const known = this.#changes.flatMap(({ cause, revision }) => (begun.has(cause) ? [{ begun: begun.get(cause) ?? 0, revision }] : []));
    let leastLater: bigint | undefined;
    return known
      .sort((one, other) => other.begun - one.begun)
      .map(({ begun, revision }) => ({
        begun,
        leastLater: (leastLater = leastLater === undefined || revision < leastLater ? revision : leastLater),
      }))
      .reverse();
  }

  /** The least revision of a write that began after a moment. */
  #leastBegunAfter(moment: number): bigint | undefined {
    let [low, high] = [0, this.#writes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#writes[middle]?.begun ?? Infinity) > moment) high = middle;
      else low = middle + 1;
    }
    return this.#writes[low]?.leastLater;
  }
}

const ended = (operation: Operation): number => operation.ended ?? Infinity;
const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);

function isSame(state: ObjectState | undefined, found: Omit<ObjectState, 'name'> | undefined): boolean {
  return state === undefined || found === undefined
    ? state === found
    : state.revision === found.revision && state.content === found.content;
}

function isReason(because: Reason, state: ObjectState | undefined): boolean {
  switch (because.type) {
    case 'moved':
      return state !== undefined && state.revision !== because.expects;
    case 'there':
      return state !== undefined;
    case 'absent':
      return state === undefined;
  }
}

function describe({ id, asked }: Operation): string {
  const of = asked.type === 'list' ? `at ${asked.revision}` : asked.name;
  return `${asked.type} ${of} (${id})`;
}
