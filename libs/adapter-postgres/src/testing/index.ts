export { copyOfDatabase, testPostgres } from './test-postgres.ts';
export type { TestDatabase } from './test-postgres.ts';
