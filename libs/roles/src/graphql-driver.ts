import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DynamicModule } from '@nestjs/common';
import { AbstractGraphQLDriver, GraphQLModule, type GqlModuleOptions } from '@nestjs/graphql';
import type { FastifyInstance } from 'fastify';

/** Nest's part of GraphQL: each workspace's endpoint. */
export function workspaceGraphql({ serve }: Pick<WorkspaceGraphqlOptions, 'serve'>): DynamicModule {
  return GraphQLModule.forRoot<WorkspaceGraphqlOptions>({ driver: WorkspaceGraphqlDriver, serve });
}

type WorkspaceGraphqlOptions = GqlModuleOptions & {
  /** Answers what comes to a workspace's endpoint, as it came over the wire. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
};

/**
 * Nest's place for GraphQL, with a schema for each workspace instead of one for all: there is none to be made at the start, and each request is
 * handed on before anything has read its URL or its body.
 */
class WorkspaceGraphqlDriver extends AbstractGraphQLDriver<WorkspaceGraphqlOptions> {
  override generateSchema(): null {
    return null;
  }

  async start({ serve }: WorkspaceGraphqlOptions): Promise<void> {
    const fastify: FastifyInstance = this.httpAdapterHost.httpAdapter.getInstance();
    await fastify.register((scope, _, done) => {
      scope.addHook('onRequest', (request, reply) => {
        reply.hijack();
        serve(request.raw, reply.raw);
        return Promise.resolve();
      });
      scope.all('/api/clusters/*', () => undefined);
      done();
    });
  }

  async stop(): Promise<void> {
    // What is open ends with the front that let it in.
  }
}
