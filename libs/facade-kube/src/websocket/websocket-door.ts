import { once } from 'node:events';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { hasNeighbour } from '../owns-path.ts';
import type { KubeHandler } from '../kube-handler.ts';
import { readSubprotocols } from './subprotocols.ts';
import { closeCodes } from './upgrade.ts';

const pingEveryMs = 30_000;
/** How long a client may take to answer that the connection ends. */
const goodbyeMs = 1_000;

/** Whether node should hand the connection over: only for WebSocket, anything else (h2c, SPDY) is answered as plain HTTP. */
export function wantsWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Lets requests in that want to go on as WebSocket. They are authenticated, authorised and answered by `serve` like all others. */
export class WebSocketDoor {
  readonly #serve: KubeHandler;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // Nothing that a watcher says means anything.
    maxPayload: 64 * 1024,
    handleProtocols: (_, { headers }) => readSubprotocols(headers['sec-websocket-protocol']).offered[0] ?? false,
  });
  /** For a neighbour, to whom as much may be said as over HTTP. */
  readonly #neighbours = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: 3 * 1024 * 1024,
    handleProtocols(_, { headers }) {
      const { offered } = readSubprotocols(headers['sec-websocket-protocol']);
      return offered.find((protocol) => protocol === 'graphql-transport-ws') ?? offered[0] ?? false;
    },
  });
  /** Those that have answered the last ping, and those that have not yet. */
  readonly #open = new Map<WebSocket, 'answering' | 'silent'>();
  #pings: NodeJS.Timeout | undefined;

  constructor(serve: KubeHandler) {
    this.#serve = serve;
  }

  /** For the server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    // Node has let go of the connection: what it did for a response is to be done here.
    socket.on('error', () => socket.destroy());
    response.assignSocket(socket as Parameters<typeof response.assignSocket>[0]);
    response.once('finish', () => {
      response.detachSocket(request.socket);
      socket.end();
      response.destroy();
      response.emit('close');
    });
    this.#serve(request, response, { accept: () => this.#accept({ request, response, socket, head }) });
  }

  /** Ends all that is open, as going away. Resolves when all is closed, so that it can be accounted for. */
  async close(): Promise<void> {
    clearInterval(this.#pings);
    const leaving = [...this.#open.keys()].map((webSocket) => {
      const closed = once(webSocket, 'close');
      webSocket.close(closeCodes.goingAway);
      setTimeout(terminate, goodbyeMs, webSocket).unref();
      return closed;
    });
    await Promise.all(leaving);
  }

  /** Undefined where the client was answered otherwise meanwhile, or has said nonsense. */
  #accept({ request, response, socket, head }: Shaking): WebSocket | undefined {
    if (response.writableEnded) return undefined;
    response.detachSocket(request.socket);
    response.statusCode = 101;
    let accepted: WebSocket | undefined;
    const server = hasNeighbour(request.url ?? '') ? this.#neighbours : this.#server;
    server.handleUpgrade(request, socket, head, (webSocket) => (accepted = webSocket));
    const close = (): void => {
      response.destroy();
      response.emit('close');
    };
    if (accepted === undefined) {
      response.statusCode = 400;
      socket.once('close', close);
      return undefined;
    }
    this.#keep(accepted).once('close', close);
    return accepted;
  }

  #keep(webSocket: WebSocket): WebSocket {
    this.#open.set(webSocket, 'answering');
    this.#pings ??= setInterval(pingAll, pingEveryMs, this.#open).unref();
    webSocket.on('pong', () => this.#open.set(webSocket, 'answering'));
    // A fault is followed by the end of the connection, which is what matters.
    webSocket.on('error', () => undefined);
    webSocket.once('close', () => this.#open.delete(webSocket));
    return webSocket;
  }
}

type Shaking = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Duplex;
  readonly head: Buffer;
};

/** Whoever has not answered the last time is not there any more, whatever the connection says. */
function pingAll(open: Map<WebSocket, 'answering' | 'silent'>): void {
  for (const [webSocket, state] of open) {
    if (state === 'silent') terminate(webSocket);
    else {
      open.set(webSocket, 'silent');
      webSocket.ping();
    }
  }
}

function terminate(webSocket: WebSocket): void {
  webSocket.terminate();
}
