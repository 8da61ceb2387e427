export type { Words } from './asking.ts';
export { createGraphqlFacade, type GraphqlFacade } from './graphql-facade.ts';
export type { Stranger, Visit } from './visit.ts';
