import {
  getNullableType,
  GraphQLBoolean,
  GraphQLString,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** What is read of a value. Leaves that do not fit their type are put into `faults`. */
export type Project = (value: unknown, faults: unknown[]) => unknown;

/** An operation that needs no more than verbs, and plain objects below them. */
export type PlainPlan = { readonly root: Branch };
export type Branch = { readonly type: 'branch'; readonly entries: readonly Entry[] };
export type Entry = { readonly key: string; readonly step: Branch | Verb | { readonly type: 'typename'; readonly name: string } };
export type Verb = {
  readonly type: 'verb';
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  readonly project: Project;
};

const plans = new WeakMap<OperationDefinitionNode, PlainPlan | 'none'>();

/** Undefined where the operation needs all of the language: directives, unions, what the schema says of itself, fields with resolvers of their own. */
export function plainPlan(schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode): PlainPlan | undefined {
  let plan = plans.get(node);
  if (plan === undefined) plans.set(node, (plan = makePlan(schema, document, node) ?? 'none'));
  return plan === 'none' ? undefined : plan;
}

/** Thrown by the planner only, and caught by it. */
class NotPlain extends Error {}

function makePlan(schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode): PlainPlan | undefined {
  const type = node.operation === OperationTypeNode.MUTATION ? schema.getMutationType() : schema.getQueryType();
  if (!type) return undefined;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  try {
    return { root: new Planner(fragments).branch(type, [node.selectionSet]) };
  } catch (failure) {
    if (failure instanceof NotPlain) return undefined;
    throw failure;
  }
}

class Planner {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  branch(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Branch {
    const entries = [...this.#collect(type, sets)].map(([key, nodes]): Entry => {
      const [node] = nodes as [FieldNode];
      if (node.name.value === '__typename') return { key, step: { type: 'typename', name: type.name } };
      const field = fieldOf(type, node);
      if (field.extensions['leads'] === true) return { key, step: this.branch(field.type as GraphQLObjectType, below(nodes)) };
      if (field.extensions['verb'] !== true) throw new NotPlain();
      return { key, step: { type: 'verb', field, node, project: this.#project(field.type, nodes) } };
    });
    return { type: 'branch', entries };
  }

  #project(type: GraphQLOutputType, nodes: readonly FieldNode[]): Project {
    const nullable = getNullableType(type);
    if (isListType(nullable)) {
      const item = this.#project(nullable.ofType, nodes);
      return (value, faults) =>
        Array.isArray(value)
          ? value.map((one: unknown) => (one === null || one === undefined ? null : item(one, faults)))
          : misfit(new Error('a list was expected'), faults);
    }
    if (isObjectType(nullable)) return this.#object(nullable, nodes);
    if (isLeafType(nullable)) return leaf(nullable);
    throw new NotPlain();
  }

  #object(type: GraphQLObjectType, nodes: readonly FieldNode[]): Project {
    const fields = [...this.#collect(type, below(nodes))].map(([key, own]) => {
      const [node] = own as [FieldNode];
      if (node.name.value === '__typename') return { key, read: () => type.name, project: asItIs };
      const field = fieldOf(type, node);
      const { name, resolve } = field;
      if (resolve !== undefined && field.extensions['plain'] !== true) throw new NotPlain();
      const read = resolve === undefined ? undefined : (resolve as (source: unknown) => unknown);
      return { key, name, read, project: this.#project(field.type, own) };
    });
    return (value, faults) => {
      const shown: Record<string, unknown> = {};
      const source = value as Readonly<Record<string, unknown>>;
      for (const { key, name, read, project } of fields) {
        const below = read === undefined ? source[name as string] : read(source);
        shown[key] = below === undefined || below === null ? null : project(below, faults);
      }
      return shown;
    };
  }

  /** By the key of the answer: what is selected twice is merged. */
  #collect(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
    collected = new Map<string, FieldNode[]>(),
  ): Map<string, FieldNode[]> {
    for (const set of sets) {
      for (const selection of set.selections) {
        if (selection.directives !== undefined && selection.directives.length > 0) throw new NotPlain();
        if (selection.kind === Kind.FIELD) {
          const key = selection.alias?.value ?? selection.name.value;
          // As a key of an object this one is none.
          if (key === '__proto__') throw new NotPlain();
          const known = collected.get(key);
          if (known === undefined) collected.set(key, [selection]);
          else known.push(selection);
          continue;
        }
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
        const condition = fragment?.typeCondition?.name.value ?? type.name;
        if (fragment === undefined || condition !== type.name) throw new NotPlain();
        this.#collect(type, [fragment.selectionSet], collected);
      }
    }
    return collected;
  }
}

function fieldOf(type: GraphQLObjectType, node: FieldNode): GraphQLField<unknown, unknown> {
  const field = type.getFields()[node.name.value];
  if (field === undefined) throw new NotPlain();
  return field;
}

const below = (nodes: readonly FieldNode[]): readonly SelectionSetNode[] =>
  nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));

const asItIs: Project = (value) => value;

function leaf(type: GraphQLLeafType): Project {
  const coerce: Project = (value, faults) => {
    try {
      return type.coerceOutputValue(value);
    } catch (failure) {
      return misfit(failure, faults);
    }
  };
  if (isEnumType(type)) return coerce;
  if (type === GraphQLString) return (value, faults) => (typeof value === 'string' ? value : coerce(value, faults));
  if (type === GraphQLBoolean) return (value, faults) => (typeof value === 'boolean' ? value : coerce(value, faults));
  return coerce;
}

function misfit(failure: unknown, faults: unknown[]): null {
  faults.push(failure);
  return null;
}
