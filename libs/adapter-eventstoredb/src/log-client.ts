import { EventStoreDBClient } from '@eventstore/db-client';
import type { Connection } from './connection-string.ts';

/** How long one search for the leader may take: the log's own patience goes on from there. */
const discovery = { maxDiscoverAttempts: 1, gossipTimeout: 2, discoveryInterval: 50, nodePreference: 'leader' } as const;

/** The state of a closed channel, as grpc-js numbers it. */
const shutDown = 4;

/**
 * The client of one log, without what would hurt in it (6.2.1): appends in batches share one table of what is pending among all connections of
 * the process, so that one that breaks fails or crashes the others; a reconnection that finds no leader, and an append whose channel a reconnection has
 * just closed, are unhandled rejections; and its channel cannot be closed.
 */
export class LogClient extends EventStoreDBClient {
  constructor({ endpoints, discover, channel, user, keepAlive }: Connection) {
    const [first = { address: 'localhost', port: 2113 }] = endpoints;
    const common = { ...discovery, ...keepAlive, connectionName: 'tributary' };
    if (discover) super({ ...common, discover: first }, channel, user);
    else if (endpoints.length > 1) super({ ...common, endpoints: [...endpoints] }, channel, user);
    else super({ ...common, endpoint: first }, channel, user);
    // Each append is a call of its own then, with its own deadline and its own answer.
    this.supports = async () => false;
    const execute = this.execute;
    this.execute = (Client, name, action) =>
      execute(Client, name, (client) => {
        if (client.getChannel().getConnectivityState(false) === shutDown) throw new Error('the connection was closed meanwhile');
        return action(client);
      });
    const reconnect = this.handleError;
    this.handleError = (client, failure) => reconnect(client, failure).catch(() => undefined);
  }

  /** Cancels what is under way and lets go of the connection. */
  async close(): Promise<void> {
    await this.dispose();
    const channel = await this.getChannel().catch(() => undefined);
    channel?.close();
  }
}
