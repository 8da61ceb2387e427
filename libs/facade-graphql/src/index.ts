export type { Words } from './asking.ts';
export { createGraphqlFacade, type GraphqlFacade } from './graphql-facade.ts';
export type { Views } from './portal/views.ts';
export type { Stranger, Visit } from './visit.ts';
