import { GraphQLError, type ExecutionResult, type OperationDefinitionNode, Kind, type DocumentNode } from 'graphql';
import { badRequest, told, type Asking } from '../asking.ts';
import type { SchemaEntry } from '../schema/schema-cache.ts';
import { executed } from './execute-plain.ts';
import { observe, observeFaulty } from './observe.ts';
import type { Params } from './params.ts';
import type { PersistedQueries } from './persisted-queries.ts';
import { prepare } from './prepare.ts';

/** An operation that may be executed. */
export type Operation = {
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
};

export type ReadOperation =
  | { readonly type: 'operation'; readonly operation: Operation }
  /** `malformed`: it is no request of GraphQL's at all. */
  | { readonly type: 'malformed'; readonly errors: readonly GraphQLError[] }
  | { readonly type: 'faulty'; readonly errors: readonly GraphQLError[] };

/** What a client asks for, checked. */
export function readOperation(entry: SchemaEntry, params: Params, persisted: PersistedQueries): ReadOperation {
  const resolved = persisted.resolve(params);
  const read = resolved instanceof GraphQLError ? faulty(resolved) : readText(entry, resolved);
  if (read.type !== 'operation') observeFaulty();
  return read;
}

function readText(entry: SchemaEntry, { query, operationName, variables }: Params): ReadOperation {
  if (typeof query !== 'string') return malformed(badRequest('the field "query" must be a text'));
  if (!isAbsent(operationName) && typeof operationName !== 'string')
    return malformed(badRequest('the field "operationName" must be a text'));
  if (!isAbsent(variables) && (typeof variables !== 'object' || Array.isArray(variables)))
    return malformed(badRequest('the field "variables" must be an object'));
  const prepared = prepare(entry, query);
  if (prepared.type === 'faulty') return prepared;
  const node = operationOf(prepared.document, operationName ?? undefined);
  if (node instanceof GraphQLError) return faulty(node);
  return {
    type: 'operation',
    operation: { document: prepared.document, node, variables: (variables ?? {}) as Readonly<Record<string, unknown>> },
  };
}

/** Executes a query or a mutation. Never throws for what a client can cause. */
export async function answer({ schema }: SchemaEntry, { document, node, variables }: Operation, asking: Asking): Promise<ExecutionResult> {
  const { name } = node;
  const beganMs = performance.now();
  const result = await executed({
    schema,
    document,
    contextValue: asking,
    variableValues: variables,
    ...(name === undefined ? {} : { operationName: name.value }),
  });
  observe(node, result, beganMs);
  const warnings = asking.warnings.splice(0);
  return {
    ...(result.errors === undefined ? {} : { errors: result.errors.map((error) => told(error, asking.words)) }),
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(warnings.length === 0 ? {} : { extensions: { warnings } }),
  };
}

function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode | GraphQLError {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const named = name === undefined || name === '' ? operations : operations.filter((operation) => operation.name?.value === name);
  const [first, second] = named;
  if (first === undefined)
    return badRequest(name === undefined ? 'the document has no operation' : `Unknown operation named ${JSON.stringify(name)}.`);
  if (second !== undefined && (name === undefined || name === ''))
    return badRequest('Must provide operation name if query contains multiple operations.');
  return first;
}

const malformed = (error: GraphQLError): ReadOperation => ({ type: 'malformed', errors: [error] });
const faulty = (error: GraphQLError): ReadOperation => ({ type: 'faulty', errors: [error] });
const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;
