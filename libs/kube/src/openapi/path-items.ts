import type { JsonObject } from '../json.ts';
import { kindOperations, pathParameters, type KubeOperation, type OperationForm, type OperationNames } from './kind-operations.ts';

/** What the versions of OpenAPI write down differently. */
export type PathDialect = {
  readonly pathParameter: (name: string, description: string) => JsonObject;
  readonly operationObject: (operation: KubeOperation, form: OperationForm, names: OperationNames) => JsonObject;
};

/** The paths of one kind's operations, each with what its methods share. */
export function pathItems(form: OperationForm, names: OperationNames, { pathParameter, operationObject }: PathDialect): JsonObject {
  const byPath = Map.groupBy(kindOperations(form, names), ({ path }) => path);
  return Object.fromEntries(
    [...byPath].map(([path, operations]) => {
      const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => pathParameter(name, pathParameters[name] ?? name));
      const methods = operations.map((operation) => [operation.method, operationObject(operation, form, names)] as const);
      return [path, { ...Object.fromEntries(methods), ...(parameters.length > 0 ? { parameters } : {}) }];
    }),
  );
}
