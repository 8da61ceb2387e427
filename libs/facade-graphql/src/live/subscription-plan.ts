import {
  getArgumentValues,
  getDirectiveValues,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  print,
  validateSubscriptionArgs,
  visit,
  type FieldNode,
  type SelectionSetNode,
} from 'graphql';
import type { Operation } from '../ask/answer.ts';
import type { SchemaEntry } from '../schema/schema-cache.ts';
import { followedBy, type Followed } from '../schema/subscription-fields.ts';
import { Projection, type SubscriptionArgs } from './projection.ts';

export type FollowArguments = {
  readonly name?: string;
  readonly namespace?: string | null;
  readonly labelselector?: string | null;
  readonly fieldselector?: string | null;
  readonly resourceVersion?: string | null;
  readonly subscribeToAll?: boolean | null;
};

/** What a subscription follows, and what it shows of it. */
export type SubscriptionPlan =
  | { readonly type: 'plan'; readonly followed: Followed; readonly args: FollowArguments; readonly projection: Projection }
  /** Everything that happens in the workspace. */
  | { readonly type: 'workspace'; readonly from: string | null | undefined; readonly projection: Projection }
  /** Its only field is left out by a directive. */
  | { readonly type: 'nothing' }
  | { readonly type: 'faulty'; readonly errors: readonly GraphQLError[] };

/** Reads a checked subscription. */
export function planOf(entry: SchemaEntry, { document, node, variables }: Operation): SubscriptionPlan {
  const { name } = node;
  const args = validateSubscriptionArgs({
    schema: entry.schema,
    document,
    variableValues: variables,
    ...(name === undefined ? {} : { operationName: name.value }),
  });
  if (!('schema' in args)) return { type: 'faulty', errors: args };
  const field = fieldIn(args.operation.selectionSet, args);
  const definition = field && entry.schema.getSubscriptionType()?.getFields()[field.name.value];
  if (field === undefined || definition === undefined) return { type: 'nothing' };
  const followed = followedBy(definition);
  try {
    if (!followed) {
      const { from } = getArgumentValues(definition, field, args.variableValues) as { readonly from?: string | null };
      return definition.extensions['followsWorkspace'] === true
        ? { type: 'workspace', from, projection: sharedProjection(entry, field, args, true) }
        : { type: 'nothing' };
    }
    const follow = getArgumentValues(definition, field, args.variableValues) as FollowArguments;
    return { type: 'plan', followed, args: follow, projection: sharedProjection(entry, field, args, follow.subscribeToAll === true) };
  } catch (failure) {
    if (failure instanceof GraphQLError) return { type: 'faulty', errors: [failure] };
    throw failure;
  }
}

function fieldIn(set: SelectionSetNode, args: SubscriptionArgs): FieldNode | undefined {
  for (const selection of set.selections) {
    const { variableValues } = args;
    if (getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.['if'] === true) continue;
    if (getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.['if'] === false) continue;
    if (selection.kind === Kind.FIELD) return selection;
    const below = selection.kind === Kind.INLINE_FRAGMENT ? selection : args.fragmentDefinitions[selection.name.value];
    const field = below && fieldIn(below.selectionSet, args);
    if (field !== undefined) return field;
  }
  return undefined;
}

const projections = new WeakMap<SchemaEntry, Map<string, WeakRef<Projection>>>();
const sweepFrom = 1_000;

/** Where from, and which objects, are a matter of each subscription: what is shown of one is shared. */
function sharedProjection(entry: SchemaEntry, field: FieldNode, args: SubscriptionArgs, tellsAll: boolean): Projection {
  let known = projections.get(entry);
  if (known === undefined) projections.set(entry, (known = new Map()));
  const key = projectionKey(field, args, tellsAll);
  let projection = known.get(key)?.deref();
  if (projection === undefined) {
    if (known.size >= sweepFrom) for (const [old, reference] of known) if (reference.deref() === undefined) known.delete(old);
    known.set(key, new WeakRef((projection = new Projection(args, tellsAll))));
  }
  return projection;
}

/** The selection, its fragments, and the variables that stand in either. */
function projectionKey(
  field: FieldNode,
  { operation, fragmentDefinitions, rawVariableValues }: SubscriptionArgs,
  tellsAll: boolean,
): string {
  const { arguments: _, ...shown } = field;
  const used = new Set<string>();
  const fragments = Object.values(fragmentDefinitions);
  for (const node of [shown as FieldNode, ...fragments]) visit(node, { Variable: (variable) => void used.add(variable.name.value) });
  const root =
    operation.selectionSet.selections.length === 1 && operation.selectionSet.selections[0] === field ? '' : print(operation.selectionSet);
  const values = [...used].sort().map((name) => [name, rawVariableValues?.[name]]);
  const defaults = used.size === 0 ? '' : (operation.variableDefinitions ?? []).map((definition) => print(definition)).join();
  return [
    tellsAll,
    print(shown as FieldNode),
    ...fragments.map((fragment) => print(fragment)),
    root,
    defaults,
    JSON.stringify(values),
  ].join('\n');
}
