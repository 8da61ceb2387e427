/** Every label with all of its values: what is not in the set is counted as `other`, so that cardinality is bounded by the declaration. */
export type LabelSets = Readonly<Record<string, readonly string[] | FirstOf>>;
export type LabelsOf<Sets extends LabelSets> = {
  readonly [Label in keyof Sets]: Sets[Label] extends readonly string[] ? Sets[Label][number] | 'other' : string;
};

/** For values that clients choose: the first so many that come are told apart. */
export type FirstOf = { readonly first: number };

type Label = { readonly name: string; readonly values: string[]; readonly index: Map<string, number>; room: number };

/** Longer ones are counted as `other`. */
const chosenLettersMax = 64;

/**
 * A place for each combination of labels, in one flat list: counting is an addition, and looking up a place makes no garbage. Places are made
 * into text when somebody scrapes.
 */
export class LabelPlaces {
  readonly count: number;
  readonly #labels: readonly Label[];

  constructor(sets: LabelSets = {}) {
    this.#labels = Object.entries(sets).map(([name, known]) => {
      if ('first' in known) return { name, values: new Array<string>(known.first + 1).fill('other'), index: new Map(), room: known.first };
      const values = [...new Set(known), 'other'];
      return { name, values, index: new Map(values.map((value, place) => [value, place])), room: 0 };
    });
    this.count = this.#labels.reduce((product, { values }) => product * values.length, 1);
  }

  placeOf(labels: Readonly<Record<string, string>>): number {
    let place = 0;
    for (const label of this.#labels) {
      const value = labels[label.name] ?? '';
      place =
        place * label.values.length + (label.index.get(value) ?? (label.room > 0 ? chosenPlace(label, value) : label.values.length - 1));
    }
    return place;
  }

  labelsOf(place: number): Record<string, string> {
    let rest = place;
    const reversed = [...this.#labels].reverse().map(({ name, values }) => {
      const value = values[rest % values.length] ?? 'other';
      rest = Math.floor(rest / values.length);
      return [name, value] as const;
    });
    return Object.fromEntries(reversed.reverse());
  }
}

function chosenPlace(label: Label, value: string): number {
  const { values, index } = label;
  if (value.length > chosenLettersMax) return values.length - 1;
  const place = index.size;
  values[place] = value;
  index.set(value, place);
  label.room -= 1;
  return place;
}

/** What the registry prints of one metric. */
export type Sample = { readonly labels: Readonly<Record<string, string | number>>; readonly value: number; readonly metricName?: string };

export class CounterTally {
  readonly places: LabelPlaces;
  readonly #counts: Float64Array;
  /** So many of the first places are told from the start: what appears with its first count has not increased, to whoever watches it. */
  readonly #toldAlways: number;

  constructor(sets: LabelSets = {}) {
    this.places = new LabelPlaces(sets);
    this.#counts = new Float64Array(this.places.count);
    this.#toldAlways = countedFromZero(Object.values(sets));
  }

  add(labels: Readonly<Record<string, string>>, by: number): void {
    const place = this.places.placeOf(labels);
    this.#counts[place] = (this.#counts[place] ?? 0) + by;
  }

  samples(): Sample[] {
    const samples: Sample[] = [];
    for (const [place, value] of this.#counts.entries())
      if (value !== 0 || place < this.#toldAlways) samples.push({ labels: this.places.labelsOf(place), value });
    return samples;
  }
}

/** Combinations of several labels are many, and most of them never come. */
function countedFromZero(labels: readonly LabelSets[string][]): number {
  const [only, another] = labels;
  if (only === undefined) return 1;
  return another === undefined && !('first' in only) ? new Set(only).size : 0;
}

export class HistogramTally {
  readonly places: LabelPlaces;
  readonly #buckets: readonly number[];
  /** Of each place: one count per bucket, and one for what is above all. */
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;

  constructor(sets: LabelSets | undefined, buckets: readonly number[]) {
    this.places = new LabelPlaces(sets);
    this.#buckets = buckets;
    this.#counts = new Float64Array(this.places.count * (buckets.length + 1));
    this.#sums = new Float64Array(this.places.count);
  }

  observe(labels: Readonly<Record<string, string>>, value: number): void {
    const place = this.places.placeOf(labels);
    const buckets = this.#buckets;
    let bucket = 0;
    while (bucket < buckets.length && value > (buckets[bucket] ?? 0)) bucket += 1;
    const at = place * (buckets.length + 1) + bucket;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sums[place] = (this.#sums[place] ?? 0) + value;
  }

  samples(name: string): Sample[] {
    const samples: Sample[] = [];
    for (let place = 0; place < this.places.count; place += 1) {
      const labels = this.places.labelsOf(place);
      const counts = this.#counts.subarray(place * (this.#buckets.length + 1), (place + 1) * (this.#buckets.length + 1));
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (total === 0) continue;
      let below = 0;
      for (const [index, count] of counts.entries()) {
        below += count;
        samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le: this.#buckets[index] ?? '+Inf' }, value: below });
      }
      samples.push({ metricName: `${name}_sum`, labels, value: this.#sums[place] ?? 0 });
      samples.push({ metricName: `${name}_count`, labels, value: total });
    }
    return samples;
  }
}
