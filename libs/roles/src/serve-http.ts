import 'reflect-metadata';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { acceptCertificates } from '#access';
import { collectRuntimeMetrics } from '#telemetry';
import type { FrontDoor } from './access.ts';
import { createHttpFront, type KubeFront, type RequestListener } from './http-front.ts';
import { answerMetrics } from './metrics.ts';

class ApiModule {}

// Reading it takes as long as all the rest together: it goes on while the stores are being opened.
const graphqlModule = import('./graphql-driver.ts');

/** The API's HTTP side: Kubernetes paths go to their facade as they are, Nest has the rest. Not listening yet. */
export async function serveHttp({
  frontDoor,
  kube,
}: {
  readonly frontDoor: FrontDoor;
  readonly kube: KubeFront;
}): Promise<NestFastifyApplication> {
  const { certificates, clientAuthority } = frontDoor;
  const authenticate = acceptCertificates(frontDoor.authenticate);
  collectRuntimeMetrics();
  const adapter = new FastifyAdapter({
    serverFactory: (rest: RequestListener) => createHttpFront({ certificates, clientAuthority, kube, rest }),
    // Watches would keep the server open for as long as they like.
    forceCloseConnections: true,
  });
  // What no route knows is told so in words that clients of Kubernetes understand.
  adapter.setNotFoundHandler = () =>
    adapter.getInstance().setNotFoundHandler((request, reply) => {
      reply.hijack();
      kube.serve(request.raw, reply.raw);
    });
  const metricsEndpoint = {
    provide: 'METRICS_ENDPOINT',
    inject: [HttpAdapterHost],
    useFactory: ({ httpAdapter }: HttpAdapterHost) => {
      const fastify: FastifyInstance = httpAdapter.getInstance();
      fastify.addHook('preClose', () => kube.endUpgraded());
      fastify.get('/metrics', async (request, reply) => {
        const answer = await answerMetrics(authenticate, request.raw, kube.rulesOfRoot);
        return reply.code(answer.code).type(answer.contentType).send(answer.body);
      });
      return '/metrics';
    },
  };
  const imports = [(await graphqlModule).workspaceGraphql({ serve: kube.serve })];
  return NestFactory.create<NestFastifyApplication>({ module: ApiModule, imports, providers: [metricsEndpoint] }, adapter, {
    logger: false,
    abortOnError: false,
  });
}
