import { executeSubscriptionEvent, type ExecutionResult, type validateSubscriptionArgs } from 'graphql';
import type { StoredObject, WatchEvent } from '#workspace';

export type SubscriptionArgs = Exclude<ReturnType<typeof validateSubscriptionArgs>, readonly unknown[]>;
type EventType = WatchEvent['type'];

/** One result, ready to be sent to all who asked for the same. */
export class LiveFrame {
  readonly result: ExecutionResult;
  /** The same in JSON. */
  readonly text: string;
  #event: Buffer | undefined;

  constructor(result: ExecutionResult, text: string = JSON.stringify(result)) {
    this.result = result;
    this.text = text;
  }

  /** As an event of a stream of them. https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md */
  get event(): Buffer {
    return (this.#event ??= Buffer.from(`event: next\ndata: ${this.text}\n\n`));
  }
}

/**
 * What one selection shows of an event: made once for all who select the same, whoever they are. So what is below an event may depend on the
 * object alone: its resolvers get no context.
 */
export class Projection {
  readonly #args: SubscriptionArgs;
  readonly #tellsAll: boolean;
  /** Of this turn: all who follow the same hear of a change in the same one. */
  readonly #frames = new Map<StoredObject, { [Type in EventType]?: LiveFrame | 'untold' }>();
  readonly #told = new WeakMap<object, LiveFrame>();

  constructor(args: SubscriptionArgs, tellsAll: boolean) {
    this.#args = { ...args, contextValue: undefined };
    this.#tellsAll = tellsAll;
  }

  /** Undefined where nothing has changed in what is selected. */
  frame({ type, object, before }: Pick<WatchEvent, 'type' | 'object' | 'before'>): LiveFrame | undefined {
    if (this.#frames.size === 0) setImmediate(forget, this.#frames);
    let known = this.#frames.get(object);
    if (known === undefined) this.#frames.set(object, (known = {}));
    const frame = (known[type] ??= this.#make(type, object, before));
    return frame === 'untold' ? undefined : frame;
  }

  /** What is shown of anything else that happens. */
  told(event: object): LiveFrame {
    let frame = this.#told.get(event);
    if (frame === undefined) this.#told.set(event, (frame = new LiveFrame(this.#shown(event))));
    return frame;
  }

  /** Says that all which the client knew is to be forgotten, in the first of the results that follow; alone where there is nothing. */
  anew(first: StoredObject | undefined): LiveFrame {
    const result = first === undefined ? this.#shown(undefined) : this.#result('ADDED', first, first.position);
    return new LiveFrame({ ...result, extensions: { anew: true } });
  }

  #make(type: EventType, object: StoredObject, before: StoredObject | undefined): LiveFrame | 'untold' {
    const { position } = object;
    const frame = new LiveFrame(this.#result(type, object, position));
    const isSame =
      type === 'MODIFIED' && !this.#tellsAll && before !== undefined && JSON.stringify(this.#result(type, before, position)) === frame.text;
    return isSame ? 'untold' : frame;
  }

  #result(type: EventType, { object }: StoredObject, position: bigint): ExecutionResult {
    return this.#shown({ type, object, resourceVersion: String(position) });
  }

  #shown(rootValue: object | undefined): ExecutionResult {
    const result = executeSubscriptionEvent({ ...this.#args, rootValue });
    if (result instanceof Promise) throw new Error('what is shown of an event is not waited for');
    return result as ExecutionResult;
  }
}

function forget(frames: Map<unknown, unknown>): void {
  frames.clear();
}
