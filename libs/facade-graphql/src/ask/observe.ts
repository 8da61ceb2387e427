import { counter, histogram } from '#telemetry';
import type { ExecutionResult, OperationDefinitionNode } from 'graphql';

const types = ['query', 'mutation', 'subscription'] as const;
const outcomes = ['answered', 'refused', 'faulty'] as const;
/** Names are the clients' to choose. */
const operation = { first: 100 } as const;

const operations = counter({
  name: 'tributary_graphql_operations_total',
  help: 'GraphQL operations, by the name that the document gives them. Refused: with errors; faulty: not executed.',
  labels: { operation, type: types, outcome: outcomes },
});
const seconds = histogram({
  name: 'tributary_graphql_operation_seconds',
  help: 'Time to execute a query or a mutation.',
  labels: { type: types },
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
});

/** Counts what was executed. A subscription is counted when it begins. */
export function observe(node: OperationDefinitionNode, { errors }: Pick<ExecutionResult, 'errors'>, beganMs?: number): void {
  const type = node.operation;
  operations.add({ operation: node.name?.value ?? '', type, outcome: errors === undefined ? 'answered' : 'refused' });
  if (beganMs !== undefined) seconds.observe({ type }, (performance.now() - beganMs) / 1_000);
}

export function observeFaulty(): void {
  operations.add({ operation: '', type: 'other', outcome: 'faulty' });
}
