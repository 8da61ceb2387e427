import type { DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { answerMetrics, type FrontDoor } from '#roles';

class TributaryModule {}

/** What Nest wires: the HTTP endpoints beside the Kubernetes API. */
export function tributaryModule({ frontDoor }: { readonly frontDoor: FrontDoor }): DynamicModule {
  return {
    module: TributaryModule,
    providers: [
      {
        provide: 'METRICS_ENDPOINT',
        inject: [HttpAdapterHost],
        useFactory: ({ httpAdapter }: HttpAdapterHost) => {
          const fastify: FastifyInstance = httpAdapter.getInstance();
          fastify.get('/metrics', async (request, reply) => {
            const answer = await answerMetrics(frontDoor.authenticate, request.raw);
            return reply.code(answer.code).type(answer.contentType).send(answer.body);
          });
          return '/metrics';
        },
      },
    ],
  };
}
