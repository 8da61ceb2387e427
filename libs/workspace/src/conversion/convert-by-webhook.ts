import { randomUUID } from 'node:crypto';
import type { JsonObject, KubeObject, ServedKind } from '#kube';
import { convertedIn, objectFault, reviewFault } from './conversion-faults.ts';
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
  const fault = (why: string): ConversionFailed =>
    new ConversionFailed(`conversion webhook for ${first?.apiVersion}, Kind=${kind.kind} ${why}`);
  const uid = randomUUID();
  const desired = `${group}/${version}`;
  const apiVersion = `apiextensions.k8s.io/${webhook.reviewVersion}`;
  let answer: unknown;
  try {
    const request = { uid, desiredAPIVersion: desired, objects };
    answer = await postReview(webhook, { kind: 'ConversionReview', apiVersion, request }, reach);
  } catch (error) {
    throw fault(`failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  const refused = reviewFault(answer, { apiVersion, uid });
  if (refused !== undefined) throw fault(`failed: ${refused}`);
  const convertedObjects = convertedIn(answer);
  if (convertedObjects.length !== objects.length) throw fault(`returned ${convertedObjects.length} objects, expected ${objects.length}`);
  const served = kind.versions.find(({ name }) => name === version);
  return objects.map((object, index) => {
    const converted = convertedObjects[index];
    const wrong = objectFault(converted, object, { apiVersion: desired, ...(objects.length === 1 ? {} : { index }) });
    if (wrong !== undefined) throw fault(`returned ${wrong}`);
    const restored = { ...(converted as KubeObject), metadata: restoredMeta(converted as KubeObject, object) };
    return (served?.schema.prune(restored as unknown as JsonObject).object ?? restored) as unknown as KubeObject;
  });
}

/** A webhook may change labels and annotations, and nothing else of what an object says about itself. */
export function restoredMeta({ metadata: changed }: KubeObject, { metadata }: KubeObject): KubeObject['metadata'] {
  const { labels: _, annotations: __, ...kept } = metadata;
  const { labels, annotations } = changed;
  return { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
}
