/** One object as one write left it. Equal texts mean equal objects. */
export type ObjectState = {
  readonly name: string;
  /** The resourceVersion. */
  readonly revision: bigint;
  readonly content: string;
};

/** What one event of the log did to one object. One account's changes, in its order. */
export type Change = ObjectState & {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The write that it stems from, by its Audit-Id. */
  readonly cause: string;
};

/** An object's states one after another: from which revision on, and the object, or undefined while there is none. */
export type Span = { readonly from: bigint; readonly until: bigint; readonly state: ObjectState | undefined };

const forEver = 2n ** 63n;

/** Which state every object is in, and over which of its account's revisions. The last one lasts. */
export function spansOf(changes: readonly Change[]): ReadonlyMap<string, readonly Span[]> {
  const spans = new Map<string, Span[]>();
  for (const [name, ofObject] of Map.groupBy(changes, (change) => change.name)) {
    const list: Span[] = [{ from: 0n, until: (ofObject[0]?.revision ?? forEver) - 1n, state: undefined }];
    ofObject.forEach((change, index) => {
      const until = (ofObject[index + 1]?.revision ?? forEver) - 1n;
      list.push({ from: change.revision, until, state: change.type === 'DELETED' ? undefined : change });
    });
    spans.set(name, list);
  }
  return spans;
}

export const nothingEver: readonly Span[] = [{ from: 0n, until: forEver - 1n, state: undefined }];
