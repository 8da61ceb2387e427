import { createServer as createNetServer, type Socket } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createServer, type Server } from 'node:https';
import type { AccessRules, ServerCertificates } from '#access';
import type { ListenAddress } from '#settings';

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** The part of the URL space that speaks Kubernetes. */
export type KubeFront = {
  /** Who may do what where no workspace is named, as in `/metrics`: as of the last time that the log answered. */
  readonly rulesOfRoot: () => Promise<AccessRules | undefined>;
  readonly ownsPath: (rawUrl: string) => boolean;
  readonly serve: RequestListener;
  /** Which of them another facade answers: Nest has these, and gives them to `serve` as they came. */
  readonly hasNeighbour: (rawUrl: string) => boolean;
  /** Which of its requests become another protocol; all others are answered as if they had not asked. */
  readonly wantsUpgrade: (request: IncomingMessage) => boolean;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Ends what was upgraded: the server does not know of it any more, and would wait for it. */
  readonly endUpgraded: () => Promise<void>;
};

/**
 * The one server of the API. Kubernetes paths go to their facade with their raw URL, before any router has decoded it;
 * `rest` (Nest) gets everything else.
 */
export function createHttpFront({
  certificates,
  clientAuthority,
  kube,
  rest,
}: {
  readonly certificates: ServerCertificates;
  readonly clientAuthority: string;
  readonly kube: KubeFront;
  readonly rest: RequestListener;
}): Server {
  const { certificate: cert, key } = certificates;
  const server = createServer(
    {
      cert,
      key,
      minVersion: 'TLSv1.2',
      // Whoever has a certificate may show it. What it is worth is judged with the request, which may bring a token instead.
      requestCert: true,
      rejectUnauthorized: false,
      ca: clientAuthority,
      ALPNProtocols: ['http/1.1'],
      keepAlive: true,
      noDelay: true,
      // Selectors and subjects can be long; upstream takes a megabyte.
      maxHeaderSize: 128 * 1024,
      shouldUpgradeCallback: (request) => kube.ownsPath(request.url ?? '') && kube.wantsUpgrade(request),
    },
    (request, response) => {
      const { url = '' } = request;
      (kube.ownsPath(url) && !kube.hasNeighbour(url) ? kube.serve : rest)(request, response);
    },
  );
  server.on('upgrade', (request, socket, head) => kube.upgrade(request, socket, head));
  // Informers keep their connections for long.
  server.keepAliveTimeout = 120_000;
  // For the request to come in; an answer, such as a watch, may last.
  server.requestTimeout = 60_000;
  closeWithConnections(server);
  return server;
}

/** Node would wait two minutes for a connection whose handshake is not finished, and for one that is opened in the last moment as long as it likes. */
function closeWithConnections(server: Server): void {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  const close = server.close.bind(server);
  server.close = (done) => {
    close(done);
    for (const socket of open) socket.destroy();
    return server;
  };
}

/** The address with a port that is free now, where 0 asks for any. @throws Error naming the setting, where the port is taken */
export async function freeAddress({ host, port }: ListenAddress): Promise<ListenAddress> {
  const probe = createNetServer();
  try {
    await new Promise<void>((resolve, reject) => probe.once('error', reject).listen({ host, port, exclusive: true }, resolve));
    const address = probe.address();
    return { host, port: typeof address === 'object' && address ? address.port : port };
  } catch (failure) {
    throw cannotListen({ host, port }, failure);
  } finally {
    probe.close();
  }
}

/** Why an address cannot be listened on, in the setting's terms. */
export function cannotListen({ host, port }: ListenAddress, failure: unknown): Error {
  const { code } = failure as NodeJS.ErrnoException;
  const why = code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be listened on (${code})`;
  return new Error(`TRIBUTARY_LISTEN: ${host}:${port} ${why}; choose another with --listen HOST:PORT`, { cause: failure });
}
