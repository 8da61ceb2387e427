import type { WebSocket } from 'ws';

/** What a request to speak WebSocket brings along. */
export type Upgrade = {
  /** Shakes hands and answers what is spoken from then on; undefined where the client's part is wrong, which has been told. */
  readonly accept: () => WebSocket | undefined;
};

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export const closeCodes = { over: 1000, goingAway: 1001, forbidden: 1008 } as const;
