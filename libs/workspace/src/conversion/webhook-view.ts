import { groupResource, refreshed, type KubeObject, type ServedKind } from '#kube';
import type { AccountActor } from '../account-actor.ts';
import type { Verbs } from '../verbs/event-view.ts';
import { isCurrent, shown } from '../verbs/verb-context.ts';
import type { CreateRequest, PatchRequest, StoredObject, WriteOutcome } from '../workspaces.ts';
import { convertByWebhook, restoredMeta } from './convert-by-webhook.ts';
import { ConversionFailed, type WebhookReach } from './post-review.ts';
import { watchByWebhook } from './watch-by-webhook.ts';

/** Where a verb wants a conversion that is not known yet: it is asked for, and the verb tried again. */
class ConversionWanted extends Error {
  readonly object: KubeObject;
  readonly version: string;
  constructor(object: KubeObject, version: string) {
    super('a conversion is wanted');
    this.object = object;
    this.version = version;
  }
}

const attemptsMax = 32;

/**
 * The verbs on kinds whose objects a consumer's webhook converts. Decisions are pure and cannot wait, so what they need is
 * fetched before they are asked again.
 */
export function webhookView(verbs: Verbs, account: AccountActor, reach: WebhookReach): Verbs {
  const settled = async <Request extends { readonly kind: ServedKind }, Result>(
    request: Request,
    verb: (request: Request) => Promise<Result>,
    conversions = new Conversions(request.kind, reach),
  ): Promise<Result> => {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      try {
        return await verb({ ...request, kind: conversions.kind });
      } catch (error) {
        if (!(error instanceof ConversionWanted)) throw error;
        await conversions.fetch([error.object], error.version);
      }
    }
    throw new ConversionFailed(
      `conversion webhook for ${request.kind.group}, Kind=${request.kind.kind} failed: its answers differ each time`,
    );
  };
  /** A write is tried again only until it is decided: what it answers is converted afterwards. */
  const written = async <Request extends CreateRequest | PatchRequest>(
    request: Request,
    verb: (request: Request) => Promise<WriteOutcome>,
  ): Promise<WriteOutcome> => {
    const conversions = new Conversions({ ...request.kind, shownAsKept: true }, reach);
    const outcome = await settled(request, verb, conversions);
    return outcome.type === 'refused' ? outcome : { ...outcome, object: await conversions.shown(outcome.object, request.version) };
  };
  return {
    create: (request) => written(request, verbs.create),
    get: (request) => settled(request, verbs.get),
    update: (request) => written(request, verbs.update),
    patch: (request) => written(request, verbs.patch),
    delete: async (request) => {
      const outcome = await verbs.delete({ ...request, kind: { ...request.kind, convert: (object) => object } });
      if (outcome.type !== 'terminating') return outcome;
      return { ...outcome, object: await new Conversions(request.kind, reach).shown(outcome.object, request.version) };
    },
    list: async (request) => {
      const { kind, version } = request;
      const conversions = new Conversions(kind, reach);
      await account.freshen();
      const unknown = account.state.list(groupResource(kind)).filter((record) => !isCurrent(record, kind, version));
      await conversions.fetch(
        unknown.map((record) => refreshed(kind, record.object)),
        version,
      );
      return settled(request, verbs.list, conversions);
    },
    watch: (request, sink) => watchByWebhook(verbs.watch, request, sink, reach),
  };
}

/** What a webhook has said, for one request. */
class Conversions {
  readonly kind: ServedKind;
  readonly #reach: WebhookReach;
  readonly #known = new Map<string, KubeObject>();

  constructor(kind: ServedKind, reach: WebhookReach) {
    this.#reach = reach;
    this.kind = { ...kind, convert: (object, version) => this.#convert(object, version) };
  }

  async fetch(objects: readonly KubeObject[], version: string): Promise<void> {
    const wanted = objects.filter(({ apiVersion }) => apiVersion !== `${this.kind.group}/${version}`);
    if (wanted.length === 0) return;
    const converted = await convertByWebhook(this.kind, wanted, { version, reach: this.#reach });
    for (const [index, object] of wanted.entries()) {
      const made = converted[index] ?? object;
      this.#known.set(keyOf(object, version), made);
      // The way back is known as well: nothing that is decided already waits for it.
      this.#known.set(keyOf(made, object.apiVersion.slice(this.kind.group.length + 1)), object);
    }
  }

  async shown(stored: StoredObject, version: string): Promise<StoredObject> {
    const { object } = stored;
    if (object.apiVersion === `${this.kind.group}/${version}`) return stored;
    const [converted = object] = await convertByWebhook(this.kind, [refreshed(this.kind, object)], { version, reach: this.#reach });
    return shown(stored, converted);
  }

  #convert(object: KubeObject, version: string): KubeObject {
    const known = this.#known.get(keyOf(object, version));
    if (!known) throw new ConversionWanted(object, version);
    return { ...known, metadata: restoredMeta(known, object) };
  }
}

/** What a webhook's answer depends on: a verb that is tried again gives its object another uid, and the present moment. */
function keyOf({ metadata: { labels, annotations }, ...content }: KubeObject, version: string): string {
  return JSON.stringify([version, labels, annotations, content]);
}
