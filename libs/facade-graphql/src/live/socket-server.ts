import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { makeServer } from 'graphql-ws';
import { wholeNumber } from '#json';
import { decodeBody, statusFailure, type StatusFailure } from '#kube';
import { answer, readOperation, type Operation } from '../ask/answer.ts';
import { observe } from '../ask/observe.ts';
import type { PersistedQueries } from '../ask/persisted-queries.ts';
import { faultOf, refused, type Asking, type Words } from '../asking.ts';
import type { SchemaCache, SchemaEntry } from '../schema/schema-cache.ts';
import type { Views } from '../portal/views.ts';
import type { Socket, Visit } from '../visit.ts';
import { startFollowing } from './start-following.ts';
import { LiveQueue } from './live-queue.ts';
import type { SubscriptionCount } from './subscription-count.ts';
import { planOf } from './subscription-plan.ts';

/** Who speaks: known from the request, or from what they say first. */
export type Speaker =
  | { readonly type: 'known'; readonly visit: Visit }
  | { readonly type: 'stranger'; readonly admit: (authorization: string) => Promise<Visit | StatusFailure> };

/** Speaks `graphql-transport-ws`. https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
export type SocketServer = (socket: Socket, speaker: Speaker) => void;

const operationsMax = 100;
const initMs = 10_000;
const codes = { badRequest: 4400, unauthorized: 4401, forbidden: 4403, behind: 4499 } as const;

type Connection = {
  readonly socket: Socket;
  readonly speaker: Speaker;
  asking: Asking | undefined;
  readonly ends: (() => void)[];
};
type Asked = { readonly entry: SchemaEntry; readonly operation: Operation; readonly asking: Asking; readonly connection: Connection };

export function createSocketServer(parts: {
  readonly words: Words;
  readonly schemas: SchemaCache;
  readonly count: SubscriptionCount;
  readonly persisted: PersistedQueries;
  readonly views?: Views | undefined;
}): SocketServer {
  const { words, schemas, count, persisted, views } = parts;
  const server = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: initMs,
    onConnect: ({ extra, connectionParams }) => connect(extra, connectionParams, { words, persisted, views }),
    onSubscribe(context, _, payload) {
      const { asking } = context.extra;
      if (asking === undefined) return [refused(statusFailure('Unauthorized', 'Unauthorized'))];
      if (Object.keys(context.subscriptions).length > operationsMax) return [tooMany];
      const entry = schemas.of(asking.visit.workspace.served());
      const read = readOperation(entry, payload, persisted);
      if (read.type !== 'operation') return read.errors;
      const { document, node, variables } = read.operation;
      const asked: Asked = { entry, operation: read.operation, asking, connection: context.extra };
      const named = node.name === undefined ? {} : { operationName: node.name.value };
      return { schema: entry.schema, document, variableValues: variables, contextValue: asked, ...named };
    },
    execute: ({ contextValue }: ExecutionArgs) => execute(contextValue as Asked),
    subscribe: ({ contextValue }: ExecutionArgs) => subscribe(contextValue as Asked, count),
    jsonMessageReviver: exact as (key: string, value: unknown) => unknown,
  });
  return (socket, speaker) => {
    const connection: Connection = { socket, speaker, asking: undefined, ends: [] };
    const closed = server.opened(adapted(socket), connection);
    socket.once('close', (code, reason) => {
      for (const end of connection.ends.splice(0)) end();
      void closed(code, reason.toString());
      const { asking } = connection;
      if (asking && asking.deeds.length > 0)
        asking.visit.note({ annotations: { [deedsAnnotation]: asking.deeds.join('; ').slice(0, 4_000) } });
    });
  };
}

export const deedsAnnotation = 'graphql.tributary/deeds';

const tooMany = refused(statusFailure('TooManyRequests', `a connection takes at most ${operationsMax} operations at a time`));

/** What a client says first: who it is, where the request could not. */
async function connect(
  connection: Connection,
  params: Record<string, unknown> | undefined,
  parts: Pick<Asking, 'words' | 'persisted' | 'views'>,
): Promise<boolean> {
  const { speaker, socket } = connection;
  const admitted = speaker.type === 'known' ? speaker.visit : await speaker.admit(authorizationIn(params));
  if ('status' in admitted) {
    socket.close(admitted.code === 401 ? codes.unauthorized : codes.forbidden, admitted.message.slice(0, reasonLettersMax));
    return false;
  }
  // Who has gone away meanwhile is not followed: nothing would end that.
  if (socket.readyState !== socket.OPEN) return false;
  connection.asking = { visit: admitted, ...parts, deeds: [], warnings: [] };
  followRights(connection, admitted);
  return true;
}

/** A close frame has room for 123 bytes. */
const reasonLettersMax = 60;

/** As `Authorization`, as the header would have it, or as a bare token. */
function authorizationIn(params: Record<string, unknown> = {}): string {
  const named = Object.entries(params).find(([name, value]) => /^authorization$/i.test(name) && typeof value === 'string');
  if (named) return named[1] as string;
  const { token } = params;
  return typeof token === 'string' ? `Bearer ${token}` : 'none';
}

/** Whoever may not come in any more is shown out. */
function followRights({ socket, ends }: Connection, visit: Visit): void {
  const look = (): void => {
    if (!visit.mayStill()) socket.close(codes.forbidden, 'Forbidden');
  };
  ends.push(visit.workspace.onAccessChange(look));
  const unfollow = visit.credential?.onChange(look);
  if (unfollow) ends.push(unfollow);
  if (visit.untilMs === undefined) return;
  const leftMs = Math.min(Math.max(0, visit.untilMs - Date.now()), 2_147_483_647);
  // Not unref'd, as for each subscription: it ends with the connection.
  const timer = setTimeout(() => socket.close(codes.unauthorized, 'Unauthorized'), leftMs);
  ends.push(() => clearTimeout(timer));
}

/** Each operation has warnings of its own. */
const askingOf = ({ asking }: Asked): Asking => ({ ...asking, warnings: [] });

async function execute(asked: Asked): Promise<ExecutionResult> {
  return answer(asked.entry, asked.operation, askingOf(asked));
}

async function subscribe(asked: Asked, count: SubscriptionCount): Promise<LiveQueue | ExecutionResult> {
  const asking = askingOf(asked);
  const plan = planOf(asked.entry, asked.operation);
  if (plan.type === 'faulty') return { errors: plan.errors };
  const { socket } = asked.connection;
  const queue = new LiveQueue(() => socket.close(codes.behind, 'too far behind'));
  if (plan.type === 'nothing') {
    queue.sink.complete();
    return queue;
  }
  const release = count.take(asking.visit.identity.user);
  if (release === undefined) return { errors: [tooManySubscriptions] };
  try {
    const following = await startFollowing(asking, plan, queue.sink);
    observe(asked.operation.node, {});
    queue.onEnd(() => {
      following.stop();
      release();
    });
    return queue;
  } catch (failure) {
    release();
    return { errors: [faultOf(failure, asking.words)] };
  }
}

const tooManySubscriptions = refused(statusFailure('TooManyRequests', 'too many subscriptions of one user are open'));

function adapted(socket: Socket): Parameters<ReturnType<typeof makeServer>['opened']>[0] {
  return {
    protocol: socket.protocol,
    send: (text) =>
      new Promise<void>((resolve) => {
        // Who has gone away is told nothing; that it has is told by its close.
        if (socket.readyState !== socket.OPEN) resolve();
        else socket.send(text, { binary: false }, () => resolve());
      }),
    close: (code, reason) => socket.close(code, reason),
    onMessage(take) {
      socket.on('message', (bytes) => {
        // What nests too deep, or leads elsewhere, is no message: all behind may walk it.
        const isSound = decodeBody(bytes, 'application/json').type === 'decoded';
        if (!isSound) return socket.close(codes.badRequest, 'Invalid message received');
        take(bytes.toString('utf8')).catch(() => socket.close(codes.badRequest, 'Invalid message received'));
      });
    },
  };
}

/** Whole numbers keep their digits, as in every other body. */
function exact(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return wholeNumber(source) ?? value;
}
