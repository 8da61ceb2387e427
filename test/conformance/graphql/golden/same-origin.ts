import { once } from 'node:events';
import { createServer } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';

/**
 * A server as operators put before a portal: the page and the API have one origin, since the API grants none to pages of others. It checks the
 * API's certificate; what it passes on is streamed as it comes.
 */
export async function startSameOrigin(
  api: { readonly url: string; readonly ca: string },
  page: Readonly<Record<string, { readonly type: string; readonly text: string }>>,
) {
  const { hostname, port } = new URL(api.url);
  const agent = new Agent({ keepAlive: true, ca: api.ca });
  const server = createServer((incoming, outgoing) => {
    const own = page[incoming.url ?? ''];
    if (own) {
      outgoing.writeHead(200, { 'content-type': own.type }).end(own.text);
      return;
    }
    const passed = request({ agent, hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers });
    passed.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  server.on('upgrade', (incoming, socket, head) => {
    const passed = connect({ host: hostname, port: Number(port), ca: api.ca }, () => {
      const headers = incoming.rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${incoming.rawHeaders[index + 1]}`] : []));
      passed.write(`GET ${incoming.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      passed.write(head);
      passed.pipe(socket);
      socket.pipe(passed);
    });
    passed.on('error', () => socket.destroy());
    passed.on('close', () => socket.destroy());
    socket.on('error', () => passed.destroy());
    socket.on('close', () => passed.destroy());
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    /** Breaks all connections off, in the middle of whatever they carry. */
    cut,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop(): Promise<void> {
      cut();
      server.close();
      await once(server, 'close');
      agent.destroy();
    },
  };
}
