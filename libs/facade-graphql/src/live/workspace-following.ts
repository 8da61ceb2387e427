import { answererOf, healthOf, type StatusFailure } from '#kube';
import type { WorkspaceEvent, WorkspaceEventSink } from '#workspace';
import { attributesOf, badRequest, refused, type Asking } from '../asking.ts';
import type { ToldEvent } from '../portal/workspace-events.ts';
import { positionOf } from '../resolve/position.ts';
import type { LiveSink } from './following.ts';
import { LiveFrame, type Projection } from './projection.ts';
import { followRights } from './rights.ts';

/** One subscription to everything that happens in a workspace, as far as whoever asks may watch it. */
export class WorkspaceFollowing implements WorkspaceEventSink {
  readonly #asking: Asking;
  readonly #projection: Projection;
  readonly #sink: LiveSink;
  /** Whether they may watch a kind in a namespace, until rights change. */
  readonly #mayWatch = new Map<string, boolean>();
  readonly #ends: (() => void)[] = [];
  #isOver = false;

  private constructor(asking: Asking, projection: Projection, sink: LiveSink) {
    this.#asking = asking;
    this.#projection = projection;
    this.#sink = sink;
  }

  /** @throws GraphQLError where it is refused */
  static async start(asking: Asking, plan: { readonly from: string | null | undefined; readonly projection: Projection }, sink: LiveSink) {
    const following = new WorkspaceFollowing(asking, plan.projection, sink);
    await following.#begin(positionOf(plan.from));
    return following;
  }

  stop(): void {
    this.#isOver = true;
    for (const end of this.#ends.splice(0)) end();
  }

  events(batch: readonly WorkspaceEvent[]): void {
    for (const event of batch) if (!this.#isOver && this.#isSeen(event)) this.#sink.next(this.#projection.told(toldOf(event)));
  }

  ended(): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.complete();
  }

  async #begin(from: bigint | undefined): Promise<void> {
    const { visit } = this.#asking;
    const { workspace } = visit;
    const current = workspace.position();
    if (from !== undefined && from > current) throw badRequest(`Too large resource version: ${from}, current: ${current}`);
    let outcome = await workspace.follow(from, this);
    if (outcome.type === 'expired') {
      outcome = await workspace.follow(undefined, this);
      if (outcome.type !== 'following') throw new Error('nothing is older than now');
      this.#sink.next(this.#projection.told({ type: 'BEHIND', resourceVersion: String(outcome.position) } satisfies ToldEvent));
    }
    this.#ends.push(outcome.stop);
    this.#ends.push(
      ...followRights(
        visit,
        () => (this.#mayWatch.clear(), undefined),
        (status) => this.#fail(status),
      ),
    );
  }

  #isSeen({ group, resource, object: { namespace, name } }: WorkspaceEvent): boolean {
    const { visit } = this.#asking;
    const may = (of: string): boolean => visit.whyNot(attributesOf({ group, resource }, 'watch', { namespace, name: of })) === undefined;
    const key = `${group}/${resource}/${namespace}`;
    let mayAll = this.#mayWatch.get(key);
    if (mayAll === undefined) this.#mayWatch.set(key, (mayAll = may('')));
    return mayAll || may(name);
  }

  #fail(status: StatusFailure): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.next(new LiveFrame({ errors: [refused(status)] }));
    this.#sink.complete();
  }
}

const told = new WeakMap<WorkspaceEvent, ToldEvent>();

/** Made once for all who follow, so that what is shown of it is. */
function toldOf(event: WorkspaceEvent): ToldEvent {
  let made = told.get(event);
  if (made === undefined) told.set(event, (made = make(event)));
  return made;
}

function make({ type, group, resource, object: { object, namespace, name, uid }, position, isBound }: WorkspaceEvent): ToldEvent {
  const { kind } = object;
  const health = healthOf(object, answererOf(group, isBound));
  return { type, resourceVersion: String(position), group, resource, kind, namespace, name, uid, health, object };
}
