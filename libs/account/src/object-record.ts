import { parseJson } from '#json';
import { groupResource, type BoundProvider, type FieldPattern, type KubeObject, type ResourceKey } from '#kube';
import { holdsSecrets } from './sealing.ts';
import { TextForms, type FormedText } from './text-forms.ts';
import { textOf } from './text-of.ts';

const noLabels: Readonly<Record<string, string>> = Object.freeze({});
const noOwners: readonly string[] = Object.freeze([]);
/** Of all accounts of the process: their objects are alike. */
const forms = new TextForms();

/** One object as of one position. It keeps the JSON text and a few fields that are asked often; the rest is parsed on demand. */
export class ObjectRecord {
  readonly key: ResourceKey;
  readonly uid: string;
  /** Where it last changed: its resourceVersion as a number. */
  readonly position: bigint;
  /** Of its text, in characters. */
  readonly length: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly deleting: boolean;
  /** The uids that its ownerReferences name: it depends on these. One and the same array for all who depend on nobody. */
  readonly owners: readonly string[];
  readonly provider: BoundProvider | undefined;
  /** The provider's counter of the newest report that was applied. */
  readonly sequence: string | undefined;
  /** Where its secrets stand, if its schema marks any. */
  readonly secretFields: readonly FieldPattern[] | undefined;
  #text: string | FormedText;
  #parsed: KubeObject | WeakRef<KubeObject> | undefined;

  constructor(fields: RecordFields) {
    this.key = fields.key;
    this.uid = fields.uid;
    this.position = fields.position;
    this.#text = fields.text;
    this.length = fields.text.length;
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
    const text = textOf(object);
    const record = new ObjectRecord({ ...fields, text, labels, deleting: deletionTimestamp !== undefined, owners });
    record.#parsed = held(object, text.length);
    return record;
  }

  /** Who asks for it is likely to do so again: it is kept as it stands from then on. */
  get text(): string {
    this.#text = this.textOnce();
    return this.#text;
  }

  /** The same for who will not ask again. */
  textOnce(): string {
    return typeof this.#text === 'string' ? this.#text : this.#text.form.textOf(this.#text.values);
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
    const object = parseJson(this.textOnce()) as KubeObject;
    this.#parsed = held(object, this.length);
    return object;
  }

  /** Lets go of the parsed form, which is several times the size of the text. */
  rest(): void {
    this.#parsed = undefined;
  }

  /** Lets go of what its text has in common with others, too. */
  shorten(): void {
    this.#parsed = undefined;
    if (typeof this.#text === 'string' && !holdsSecrets(this)) this.#text = forms.take(groupResource(this.key), this.#text) ?? this.#text;
  }
}

/** From here on a parsed object is held only as long as nobody needs its memory: definitions with long schemas are many. */
const largeCharacters = 8_192;

const held = (object: KubeObject, length: number): KubeObject | WeakRef<KubeObject> =>
  length < largeCharacters ? object : new WeakRef(object);

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
