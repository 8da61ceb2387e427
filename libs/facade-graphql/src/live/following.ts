import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GraphQLError } from 'graphql';
import { statusFailure, type StatusFailure } from '#kube';
import type { WatchEvent, WatchOutcome, WatchRequest, WatchSink } from '#workspace';
import { attributesOf, badRequest, namespaceOf, refused, type Asking } from '../asking.ts';
import { selectorOf } from '../resolve/list.ts';
import { positionOf } from '../resolve/position.ts';
import type { VersionNames } from '../schema/names.ts';
import { LiveFrame, type Projection } from './projection.ts';
import { followRights } from './rights.ts';
import type { SubscriptionPlan } from './subscription-plan.ts';

/** Where the results of a subscription go. */
export type LiveSink = {
  readonly isOpen: boolean;
  /** Results in their order. */
  next(frame: LiveFrame): void;
  /** Resolves when more may be given; undefined where it may be now. Asked between objects that were there first. */
  room(): Promise<void> | undefined;
  /** Nothing follows. */
  complete(): void;
};

const initialPerTurn = 100;
/** What ends again at once, without a word, does not get better. */
const restartsMax = 5;

/** One subscription: first the objects that there are, or what has happened since a version; then what happens. */
export class Following implements WatchSink {
  readonly #asking: Asking;
  readonly #names: VersionNames;
  readonly #projection: Projection;
  readonly #sink: LiveSink;
  readonly #request: Pick<WatchRequest, 'namespace' | 'selector' | 'showsBefore'>;
  readonly #name: string;
  readonly #unfollow: (() => void)[] = [];
  /** Up to where the client has heard of everything. */
  #position = 0n;
  #restarts = 0;
  #stopWatch: (() => void) | undefined;
  /** While the objects that were there first are being told, events wait. */
  #held: LiveFrame[] | undefined = [];
  #endsAfterHeld = false;
  #isOver = false;

  constructor(asking: Asking, { followed, args, projection }: Plan, sink: LiveSink) {
    const { names } = followed;
    const namespace = args.name === undefined ? (args.namespace ?? '') : namespaceOf(names, args.namespace);
    const selector = selectorOf(names, args, args.name);
    this.#asking = asking;
    this.#names = names;
    this.#projection = projection;
    this.#sink = sink;
    this.#name = args.name ?? '';
    this.#request = { namespace, ...(selector === undefined ? {} : { selector }), showsBefore: args.subscribeToAll !== true };
  }

  /** @throws GraphQLError where it is refused */
  static async start(asking: Asking, plan: Plan, sink: LiveSink): Promise<Following> {
    const following = new Following(asking, plan, sink);
    const refusal = following.#refusal();
    if (refusal !== undefined) throw refused(refusal);
    await following.#begin(positionOf(plan.args.resourceVersion));
    return following;
  }

  /** The client has gone, or has heard enough. */
  stop(): void {
    this.#isOver = true;
    this.#stopWatch?.();
    for (const unfollow of this.#unfollow.splice(0)) unfollow();
  }

  events(batch: readonly WatchEvent[]): void {
    this.#restarts = 0;
    for (const event of batch) {
      this.#position = event.position;
      const frame = this.#projection.frame(event);
      if (frame === undefined) continue;
      if (this.#held) this.#held.push(frame);
      else this.#sink.next(frame);
    }
  }

  /** The kind is served in another form from now on, or not at all: whoever follows it need not care. */
  ended(failure?: unknown): void {
    this.#stopWatch = undefined;
    if (this.#isOver) return;
    if (failure !== undefined) return this.#fail(refused(this.#asking.words.ofFault(failure)));
    setImmediate(restart, this);
  }

  async restart(): Promise<void> {
    if (this.#isOver) return;
    this.#restarts += 1;
    const outcome = this.#restarts > restartsMax ? undefined : await this.#watch(this.#position);
    if (this.#isOver) {
      if (outcome?.type === 'watching') outcome.stop();
      return;
    }
    if (outcome === undefined) return this.#end();
    if (outcome.type === 'watching') {
      this.#stopWatch = outcome.stop;
      return;
    }
    const again = await this.#watch(undefined);
    if (again?.type !== 'watching') return this.#end();
    const seen = this.#position;
    await this.#tellInitial(again, { seen });
  }

  async #begin(after: bigint | undefined): Promise<void> {
    if (after !== undefined) {
      const current = await this.#asking.visit.workspace.positionOf(this.#names.kind);
      if (after > current) throw badRequest(`Too large resource version: ${after}, current: ${current}`);
    }
    let outcome = await this.#watch(after);
    // That far back nobody remembers: the client begins anew, with each object once.
    const isAnew = outcome?.type === 'expired';
    if (isAnew) outcome = await this.#watch(undefined);
    if (outcome?.type !== 'watching') throw refused(statusFailure('NotFound', 'the server could not find the requested resource'));
    this.#followRights();
    this.#position = isAnew ? outcome.position : (after ?? outcome.position);
    void this.#tellInitial(outcome, { isAnew }).catch((failure: unknown) => this.#fail(refused(this.#asking.words.ofFault(failure))));
  }

  /** Undefined where the workspace serves no such kind any more. */
  async #watch(after: bigint | undefined): Promise<WatchOutcome | undefined> {
    const { kind, version } = this.#names;
    const { workspace } = this.#asking.visit;
    const now = workspace.served().find(({ group, resource }) => group === kind.group && resource === kind.resource);
    if (now?.versions.some(({ name, served }) => name === version.name && served) !== true) return undefined;
    const request = { kind: now, version: version.name, ...this.#request, ...(after === undefined ? {} : { after }) };
    return workspace.watch(request, this);
  }

  /** In the order of their versions: all that is older than the last one told has been told, too, so that a client may always go on behind that one. */
  async #tellInitial({ initial = [], stop }: Watching, { seen = 0n, isAnew = false }: Known): Promise<void> {
    this.#stopWatch = stop;
    this.#held ??= [];
    const objects = initial.filter(({ position }) => position > seen).sort((a, b) => (a.position < b.position ? -1 : 1));
    if (isAnew) this.#sink.next(this.#projection.anew(objects.shift()));
    for (const [index, object] of objects.entries()) {
      if (index > 0 && index % initialPerTurn === 0) await nextTurn();
      const wait = this.#sink.room();
      if (wait !== undefined) await wait;
      if (this.#isOver || !this.#sink.isOpen) return;
      const frame = this.#projection.frame({ type: 'ADDED', object });
      if (frame !== undefined) this.#sink.next(frame);
    }
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const frame of held) this.#sink.next(frame);
    if (this.#endsAfterHeld) this.#end();
  }

  /** Whoever loses the right hears nothing more, not even of what happened before. */
  #followRights(): void {
    this.#unfollow.push(
      ...followRights(
        this.#asking.visit,
        () => this.#refusal(),
        (status) => this.#fail(refused(status)),
      ),
    );
  }

  #refusal(): StatusFailure | undefined {
    const { namespace } = this.#request;
    return this.#asking.visit.whyNot(attributesOf(this.#names.kind, 'watch', { namespace, name: this.#name }));
  }

  #fail(error: GraphQLError): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.next(new LiveFrame({ errors: [error] }));
    this.#sink.complete();
  }

  #end(): void {
    if (this.#held) {
      this.#endsAfterHeld = true;
      return;
    }
    if (this.#isOver) return;
    this.stop();
    this.#sink.complete();
  }
}

/** `seen`: up to where the client knows all. `isAnew`: it is to forget what it knew. */
type Known = { readonly seen?: bigint; readonly isAnew?: boolean };
type Plan = Extract<SubscriptionPlan, { type: 'plan' }>;
type Watching = Extract<WatchOutcome, { type: 'watching' }>;

function restart(following: Following): void {
  following.restart().catch(() => following.ended(new Error('a subscription could not go on')));
}
