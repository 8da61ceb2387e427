import { parseJson } from '#json';
import type { BoundProvider, FieldPattern, KubeObject, ResourceKey } from '#kube';
import { textOf } from './text-of.ts';

const noLabels: Readonly<Record<string, string>> = Object.freeze({});
const noOwners: readonly string[] = Object.freeze([]);

/** One object as of one position. It keeps the JSON text and a few fields that are asked often; the rest is parsed on demand. */
export class ObjectRecord {
  readonly key: ResourceKey;
  readonly uid: string;
  /** Where it last changed: its resourceVersion as a number. */
  readonly position: bigint;
  readonly text: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly deleting: boolean;
  /** The uids that its ownerReferences name: it depends on these. One and the same array for all who depend on nobody. */
  readonly owners: readonly string[];
  readonly provider: BoundProvider | undefined;
  /** The provider's counter of the newest report that was applied. */
  readonly sequence: string | undefined;
  /** Where its secrets stand, if its schema marks any. */
  readonly secretFields: readonly FieldPattern[] | undefined;
  #parsed: KubeObject | WeakRef<KubeObject> | undefined;

  constructor(fields: RecordFields) {
    this.key = fields.key;
    this.uid = fields.uid;
    this.position = fields.position;
    this.text = fields.text;
    this.labels = fields.labels ?? noLabels;
    this.deleting = fields.deleting;
    this.owners = fields.owners ?? noOwners;
    this.provider = fields.provider;
    this.sequence = fields.sequence;
    this.secretFields = fields.secretFields;
  }

  static of(
    object: KubeObject,
    fields: Pick<RecordFields, 'key' | 'uid' | 'position' | 'provider' | 'sequence' | 'secretFields'>,
  ): ObjectRecord {
    const { labels, deletionTimestamp, ownerReferences } = object.metadata;
    const owners = ownerReferences?.map(({ uid }) => uid);
    const record = new ObjectRecord({ ...fields, text: textOf(object), labels, deleting: deletionTimestamp !== undefined, owners });
    record.#parsed = held(object, record.text);
    return record;
  }

  get namespace(): string {
    return this.key.namespace;
  }

  get name(): string {
    return this.key.name;
  }

  get object(): KubeObject {
    const known = this.#parsed instanceof WeakRef ? this.#parsed.deref() : this.#parsed;
    if (known) return known;
    const object = parseJson(this.text) as KubeObject;
    this.#parsed = held(object, this.text);
    return object;
  }

  /** Lets go of the parsed form, which is several times the size of the text. */
  rest(): void {
    this.#parsed = undefined;
  }
}

/** From here on a parsed object is held only as long as nobody needs its memory: definitions with long schemas are many. */
const largeCharacters = 8_192;

const held = (object: KubeObject, text: string): KubeObject | WeakRef<KubeObject> =>
  text.length < largeCharacters ? object : new WeakRef(object);

export type RecordFields = {
  readonly key: ResourceKey;
  readonly uid: string;
  readonly position: bigint;
  readonly text: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly deleting: boolean;
  readonly owners: readonly string[] | undefined;
  readonly provider: BoundProvider | undefined;
  readonly sequence: string | undefined;
  readonly secretFields?: readonly FieldPattern[] | undefined;
};
