import type { Words } from './asking.ts';
import { answerHttp } from './http/answer-http.ts';
import { SchemaCache } from './schema/schema-cache.ts';
import type { Visit } from './visit.ts';

export type GraphqlFacade = {
  /** Answers a request, on node's own request and response. */
  readonly answer: (visit: Visit) => Promise<void>;
};

const deedsLettersMax = 4_000;

/** Speaks GraphQL for workspaces, each in a schema of what it serves. */
export function createGraphqlFacade(words: Words): GraphqlFacade {
  const schemas = new SchemaCache();
  return {
    async answer(visit) {
      const deeds: string[] = [];
      await answerHttp(schemas.of(visit.workspace.served()), { visit, words, deeds, warnings: [] });
      if (deeds.length > 0) visit.note({ annotations: { 'graphql.tributary/deeds': deeds.join('; ').slice(0, deedsLettersMax) } });
    },
  };
}
