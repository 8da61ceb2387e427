import { randomUUID } from 'node:crypto';
import type { Answer, Call, Served, TributaryClient } from '../servers/tributary-client.ts';

/** One write that was sent, and what became of it as far as its sender knows. `id` is its Audit-Id, which events name as their cause. */
export type SentWrite = {
  readonly id: string;
  readonly sender: string;
  readonly what: string;
  /** `unknown`: the connection was cut, or the server could not say. It may have been applied, once. */
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
  /** What was answered to an acknowledged write: the object, where that was the answer. */
  readonly object?: Served;
  /** What was answered, where nothing excuses that: an outage is a 503, and anything else of that kind is a bug. */
  readonly strange?: string;
  /** What was wanted may be so already: it was sent before, or is the deletion of what is on its way out. */
  readonly mayChangeNothing: boolean;
};

type Write = {
  readonly method: string;
  readonly path: string;
  readonly call: Call;
  /** The outcome of an earlier attempt is unknown. */
  readonly isAgain: boolean;
};

/** Remembers every write that was sent. */
export class Ledger {
  readonly writes: SentWrite[] = [];
  readonly #acknowledged = new Map<string, number>();

  /** How many writes of the senders whose names begin so were acknowledged. */
  acknowledged(prefix: string): number {
    let sum = 0;
    for (const [sender, count] of this.#acknowledged) if (sender.startsWith(prefix)) sum += count;
    return sum;
  }

  /** Sends one write. Undefined where its outcome is unknown. */
  async send(client: Pick<TributaryClient, 'call'>, sender: string, write: Write): Promise<Answer | undefined> {
    const { method, path, call, isAgain } = write;
    const id = randomUUID();
    const answer = await client.call(method, path, { ...call, headers: { 'audit-id': id } }).catch(() => undefined);
    const outcome = answer === undefined || answer.code >= 500 ? 'unknown' : answer.code < 300 ? 'acknowledged' : 'refused';
    const body = outcome === 'acknowledged' && answer ? (JSON.parse(answer.text) as Served) : undefined;
    this.writes.push({
      id,
      sender,
      what: `${method} ${path}`,
      outcome,
      mayChangeNothing: isAgain || method === 'DELETE',
      ...(body && body.kind !== 'Status' ? { object: body } : {}),
      ...(answer && answer.code >= 500 && answer.code !== 503 ? { strange: `${answer.code}: ${answer.text}` } : {}),
    });
    if (outcome === 'acknowledged') this.#acknowledged.set(sender, (this.#acknowledged.get(sender) ?? 0) + 1);
    return outcome === 'unknown' ? undefined : answer;
  }
}
