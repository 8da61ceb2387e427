import { randomUUID } from 'node:crypto';
import type { JsonObject, KubeObject, ServedKind } from '#kube';
import { ConversionFailed, postReview, type WebhookReach } from './post-review.ts';

/** So many objects are sent at a time. */
const objectsAtOnce = 500;

/**
 * Objects of a kind as its webhook shows them in another version, in their order. What the webhook may not change it has not
 * changed. @throws ConversionFailed
 */
export async function convertByWebhook(
  kind: ServedKind,
  objects: readonly KubeObject[],
  { version, reach }: { readonly version: string; readonly reach: WebhookReach },
): Promise<readonly KubeObject[]> {
  const converted: KubeObject[] = [];
  for (let at = 0; at < objects.length; at += objectsAtOnce)
    converted.push(...(await convertSome(kind, objects.slice(at, at + objectsAtOnce), { version, reach })));
  return converted;
}

async function convertSome(
  kind: ServedKind,
  objects: readonly KubeObject[],
  { version, reach }: { readonly version: string; readonly reach: WebhookReach },
): Promise<readonly KubeObject[]> {
  const { webhook, group } = kind;
  if (!webhook) throw new Error(`${kind.resource} have no webhook`);
  const [first] = objects;
  const failed = (why: string): ConversionFailed =>
    new ConversionFailed(`conversion webhook for ${first?.apiVersion}, Kind=${kind.kind} failed: ${why}`);
  const uid = randomUUID();
  const desiredAPIVersion = `${group}/${version}`;
  const review = {
    kind: 'ConversionReview',
    apiVersion: `apiextensions.k8s.io/${webhook.reviewVersion}`,
    request: { uid, desiredAPIVersion, objects },
  };
  let answer: unknown;
  try {
    answer = await postReview(webhook, review, reach);
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error));
  }
  const fault = faultOf(answer, uid, objects.length);
  if (fault !== undefined) throw failed(fault);
  const { convertedObjects } = (answer as { readonly response: { readonly convertedObjects: readonly unknown[] } }).response;
  const served = kind.versions.find(({ name }) => name === version);
  return objects.map((object, index) => {
    const converted = convertedObjects[index] as KubeObject;
    const wrong = wrongWith(converted, object, desiredAPIVersion);
    if (wrong !== undefined)
      throw new ConversionFailed(
        `conversion webhook for ${object.apiVersion}, Kind=${kind.kind} returned invalid converted object at index ${index}: ${wrong}`,
      );
    const restored = { ...converted, metadata: restoredMeta(converted, object) };
    return (served?.schema.prune(restored as unknown as JsonObject).object ?? restored) as unknown as KubeObject;
  });
}

function faultOf(answer: unknown, uid: string, count: number): string | undefined {
  const { response } = (answer ?? {}) as { readonly response?: unknown };
  if (typeof response !== 'object' || response === null) return 'no response provided';
  const {
    uid: answered,
    result,
    convertedObjects = [],
  } = response as {
    readonly uid?: unknown;
    readonly result?: { readonly status?: unknown; readonly message?: unknown };
    readonly convertedObjects?: unknown;
  };
  if (answered !== uid) return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(answered ?? '')}`;
  if (result?.status !== 'Success') return typeof result?.message === 'string' ? result.message : 'response.result.status was not Success';
  const got = Array.isArray(convertedObjects) ? convertedObjects.length : 0;
  return got === count ? undefined : `expected ${count} converted objects, got ${got}`;
}

function wrongWith(converted: unknown, object: KubeObject, apiVersion: string): string | undefined {
  if (typeof converted !== 'object' || converted === null || Array.isArray(converted)) return 'it is no object';
  const { apiVersion: given, kind, metadata } = converted as KubeObject;
  if (given !== apiVersion) return `invalid apiVersion, expected ${apiVersion}, got ${given}`;
  if (kind !== object.kind) return `invalid kind, expected ${object.kind}, got ${kind}`;
  if (typeof metadata !== 'object' || metadata === null) return 'missing metadata';
  for (const field of ['name', 'namespace', 'uid'] as const)
    if ((metadata[field] ?? '') !== (object.metadata[field] ?? ''))
      return `invalid metadata.${field}, expected ${JSON.stringify(object.metadata[field] ?? '')}, got ${JSON.stringify(metadata[field] ?? '')}`;
  return undefined;
}

/** A webhook may change labels and annotations, and nothing else of what an object says about itself. */
export function restoredMeta({ metadata: changed }: KubeObject, { metadata }: KubeObject): KubeObject['metadata'] {
  const { labels: _, annotations: __, ...kept } = metadata;
  const { labels, annotations } = changed;
  return { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
}
