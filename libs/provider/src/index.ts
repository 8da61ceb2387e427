export { compileApi, schemaHashOf, servedApi, violationsOfApiSchema, type ApiSchema, type CompiledApi } from './api-schema.ts';
export { declareKind, type KindDeclaration } from './declare-kind.ts';
export { apiBindings, apiExports, apiResourceSchemas, marketplaceEntries, providerMetadatas } from './kinds.ts';
export { marketplaceEntry } from './marketplace-entry.ts';
export { boolean, conditions, integer, list, object, root, status, string, anything } from './schemas.ts';
