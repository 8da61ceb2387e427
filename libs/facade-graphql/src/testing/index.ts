export { SchemaCache } from '../schema/schema-cache.ts';
