import { gauge } from '#telemetry';

const openSubscriptions = gauge({
  name: 'tributary_graphql_subscriptions',
  help: 'GraphQL subscriptions that are open now, over SSE and WebSocket.',
});

const perUserMax = 2_000;

/** How many subscriptions are open, in all and by user. */
export class SubscriptionCount {
  readonly #byUser = new Map<string, number>();
  #open = 0;

  constructor() {
    openSubscriptions.track({}, () => this.#open);
  }

  /** Answers how to give it back; undefined where this user has enough. */
  take(user: string): (() => void) | undefined {
    const count = this.#byUser.get(user) ?? 0;
    if (count >= perUserMax) return undefined;
    this.#byUser.set(user, count + 1);
    this.#open += 1;
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      this.#open -= 1;
      const left = (this.#byUser.get(user) ?? 1) - 1;
      if (left === 0) this.#byUser.delete(user);
      else this.#byUser.set(user, left);
    };
  }
}
