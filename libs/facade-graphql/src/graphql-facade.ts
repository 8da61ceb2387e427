import type { IncomingMessage } from 'node:http';
import type { StatusFailure } from '#kube';
import type { Asking, Words } from './asking.ts';
import { PersistedQueries } from './ask/persisted-queries.ts';
import { answerEvents, wantsEvents } from './http/answer-events.ts';
import { answerHttp } from './http/answer-http.ts';
import { pageFor } from './http/page.ts';
import { createSocketServer, deedsAnnotation, type Speaker } from './live/socket-server.ts';
import { SubscriptionCount } from './live/subscription-count.ts';
import type { Views } from './portal/views.ts';
import { SchemaCache } from './schema/schema-cache.ts';
import type { Stranger, Upgrade, Visit, Written } from './visit.ts';

export type GraphqlFacade = {
  /** Answers a request, on node's own request and response. */
  readonly answer: (visit: Visit) => Promise<void>;
  /** Opens a WebSocket for somebody who says within it who they are. */
  readonly open: (stranger: Stranger) => void;
  /** The page to ask from, where one is wanted. */
  readonly greet: (request: IncomingMessage) => Written | undefined;
};

export type GraphqlOptions = Words & {
  /** Whether browsers get a page to ask from. */
  readonly hasPage?: boolean;
  /** Absent: what needs them is refused. */
  readonly views?: Views;
};

const deedsLettersMax = 4_000;
/** So many may be about to say who they are. */
const strangersMax = 500;
/** https://www.iana.org/assignments/websocket/websocket.xhtml */
const tryAgainLater = 1013;

/** Speaks GraphQL for workspaces, each in a schema of what it serves. */
export function createGraphqlFacade({ hasPage = false, views, ...words }: GraphqlOptions): GraphqlFacade {
  const greet = (request: IncomingMessage): Written | undefined => (hasPage ? pageFor(request) : undefined);
  const schemas = new SchemaCache();
  const count = new SubscriptionCount();
  const persisted = new PersistedQueries();
  const strangers = new Set<Stranger>();
  const speak = createSocketServer({ words, schemas, count, persisted, views });
  const openSocket = (upgrade: Upgrade, speaker: Speaker): void => {
    const socket = upgrade.accept();
    if (socket) speak(socket, speaker);
  };
  return {
    greet,
    open(stranger) {
      const { upgrade, response } = stranger;
      if (strangers.size >= strangersMax) {
        upgrade.accept()?.close(tryAgainLater);
        return;
      }
      strangers.add(stranger);
      response.once('close', () => strangers.delete(stranger));
      const admit = async (authorization: string): Promise<Visit | StatusFailure> => {
        const admitted = await stranger.admit(authorization);
        if (!('status' in admitted)) strangers.delete(stranger);
        return admitted;
      };
      openSocket(upgrade, { type: 'stranger', admit });
    },
    async answer(visit) {
      if (visit.upgrade) return openSocket(visit.upgrade, { type: 'known', visit });
      const page = greet(visit.request);
      if (page) return visit.send(page);
      const deeds: string[] = [];
      const entry = schemas.of(visit.workspace.served());
      const asking: Asking = { visit, words, persisted, views, deeds, warnings: [] };
      await (wantsEvents(visit.request.headers.accept) ? answerEvents(entry, asking, count) : answerHttp(entry, asking));
      if (deeds.length > 0) visit.note({ annotations: { [deedsAnnotation]: deeds.join('; ').slice(0, deedsLettersMax) } });
    },
  };
}
