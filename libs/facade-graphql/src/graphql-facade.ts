import type { Words } from './asking.ts';
import { answerHttp } from './http/answer-http.ts';
import { SchemaCache } from './schema/schema-cache.ts';
import type { Visit } from './visit.ts';

export type GraphqlFacade = {
  /** Answers a request, on node's own request and response. */
  readonly answer: (visit: Visit) => Promise<void>;
};

/** Speaks GraphQL for workspaces, each in a schema of what it serves. */
export function createGraphqlFacade(words: Words): GraphqlFacade {
  const schemas = new SchemaCache();
  return {
    async answer(visit) {
      await answerHttp(schemas.of(visit.workspace.served()), { visit, words, deeds: [] });
    },
  };
}
