import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/** How much one document may ask for. */
const limits = {
  depthMax: 10,
  /** Each field counts one, in every place where it stands. */
  complexityMax: 1_000,
  /** What a schema says of itself lies deeper. */
  introspectionDepthMax: 20,
  operationsMax: 50,
} as const;

/** Why a document asks for too much, as a sentence. Fragments are counted wherever they are spread, in time that grows with the document only. */
export function limitFault(document: DocumentNode): string | undefined {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  if (document.definitions.length - fragments.size > limits.operationsMax)
    return `a document takes at most ${limits.operationsMax} operations`;
  const measure = new Measure(fragments);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, fields, introspection } = measure.of(definition.selectionSet);
    if (depth > limits.depthMax) return `query depth ${depth} exceeds maximum allowed depth of ${limits.depthMax}`;
    if (introspection > limits.introspectionDepthMax)
      return `query depth ${introspection} exceeds maximum allowed depth of ${limits.introspectionDepthMax}`;
    if (fields > limits.complexityMax) return `query complexity ${fields} exceeds maximum allowed complexity of ${limits.complexityMax}`;
  }
  return undefined;
}

type Size = { readonly depth: number; readonly fields: number; readonly introspection: number };

const nothing: Size = { depth: 0, fields: 0, introspection: 0 };

class Measure {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** A fragment that is being measured spreads itself: that is refused later, by name. */
  readonly #sizes = new Map<string, Size>();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  of(set: SelectionSetNode): Size {
    let [depth, fields, introspection] = [0, 0, 0];
    for (const selection of set.selections) {
      const size = selection.kind === Kind.FIELD ? this.#ofField(selection.name.value, selection.selectionSet) : this.#spread(selection);
      depth = Math.max(depth, size.depth);
      introspection = Math.max(introspection, size.introspection);
      fields += size.fields;
    }
    return { depth, fields, introspection };
  }

  #ofField(name: string, below: SelectionSetNode | undefined): Size {
    const { depth, fields, introspection } = below === undefined ? nothing : this.of(below);
    if (name === '__schema' || name === '__type')
      return { depth: 1, fields: fields + 1, introspection: Math.max(depth, introspection) + 1 };
    return { depth: depth + 1, fields: fields + 1, introspection: introspection === 0 ? 0 : introspection + 1 };
  }

  #spread(selection: Exclude<SelectionSetNode['selections'][number], { kind: Kind.FIELD }>): Size {
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.of(selection.selectionSet);
    const name = selection.name.value;
    const known = this.#sizes.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    if (fragment === undefined) return nothing;
    this.#sizes.set(name, nothing);
    const size = this.of(fragment.selectionSet);
    this.#sizes.set(name, size);
    return size;
  }
}
