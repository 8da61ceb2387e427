import { GraphQLError } from 'graphql';
import { decodeBody, statusFailure, type Json, type JsonObject, type KubeObject, type StatusFailure } from '#kube';
import { authorised, badRequest, refused, type Asking } from '../asking.ts';
import { apiVersionOf, type VersionNames } from '../schema/names.ts';
import { applied } from './apply.ts';
import { whyNotCreate, writeRequest, written, type WriteArguments } from './write.ts';

export type ApplyYamlArguments = WriteArguments & { readonly yaml: string; readonly force?: boolean | null };

/** What became of one document of several. */
export type AppliedDocument = {
  readonly apiVersion: Json;
  readonly kind: Json;
  readonly namespace: string | null;
  readonly name: string | null;
} & ({ readonly object: KubeObject } | { readonly status: StatusFailure });

const documentsMax = 100;

/**
 * The object that one document makes; of several, what became of each: a refused one keeps none of the others. A document that names a
 * resourceVersion replaces that very version, as an editor's does; any other is applied.
 */
export async function resolveApplyYaml(
  all: readonly VersionNames[],
  args: ApplyYamlArguments,
  asking: Asking,
): Promise<KubeObject | readonly AppliedDocument[]> {
  const documents = args.yaml.split(/^---(?=\s|$)/m).filter((text) => !/^(\s|#[^\n]*(\n|$)|\.\.\.\s*(\n|$))*$/.test(text));
  const [first] = documents;
  if (first === undefined) throw badRequest('yaml has no document');
  if (documents.length > documentsMax) throw badRequest(`yaml takes at most ${documentsMax} documents`);
  if (documents.length === 1) return applyDocument(all, read(first), args, asking);
  const results: AppliedDocument[] = [];
  for (const text of documents) results.push(await tried(all, text, args, asking));
  return results;
}

async function tried(all: readonly VersionNames[], text: string, args: ApplyYamlArguments, asking: Asking): Promise<AppliedDocument> {
  let about: Pick<AppliedDocument, 'apiVersion' | 'kind' | 'namespace' | 'name'> = {
    apiVersion: null,
    kind: null,
    namespace: null,
    name: null,
  };
  try {
    const document = read(text);
    const { name = null, namespace = null } = metadataOf(document);
    about = { apiVersion: document['apiVersion'] ?? null, kind: document['kind'] ?? null, namespace, name };
    return { ...about, object: await applyDocument(all, document, args, asking) };
  } catch (failure) {
    const status = failure instanceof GraphQLError ? (failure.extensions['status'] as StatusFailure | undefined) : undefined;
    return { ...about, status: status ?? asking.words.ofFault(failure) };
  }
}

function read(text: string): JsonObject {
  const decoded = decodeBody(Buffer.from(text), 'application/yaml');
  if (decoded.type === 'malformed') throw badRequest(`invalid YAML: ${decoded.message}`);
  const { value } = decoded;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('YAML must contain an object');
  const document = value as JsonObject;
  if (typeof document['kind'] !== 'string' || document['kind'] === '') throw badRequest('YAML must contain kind field');
  if (typeof document['apiVersion'] !== 'string') throw badRequest('YAML must contain apiVersion field');
  return document;
}

type Named = { readonly name?: string; readonly namespace?: string; readonly resourceVersion?: string };

function metadataOf({ metadata }: JsonObject): Named {
  if (metadata === undefined || metadata === null) return {};
  if (typeof metadata !== 'object' || Array.isArray(metadata)) throw badRequest('metadata must be an object');
  const { name, namespace, resourceVersion } = metadata as JsonObject;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
    ...(typeof resourceVersion === 'string' && resourceVersion !== '' ? { resourceVersion } : {}),
  };
}

async function applyDocument(
  all: readonly VersionNames[],
  document: JsonObject,
  args: ApplyYamlArguments,
  asking: Asking,
): Promise<KubeObject> {
  const names = namesFor(all, document);
  const { name = '', namespace = 'default', resourceVersion } = metadataOf(document);
  if (name === '') throw badRequest('metadata.name is missing');
  const target = { namespace: names.kind.namespaced ? namespace : '', name };
  const object = withoutOwnership(document);
  if (resourceVersion === undefined) return applied({ names, asking }, { ...args, ...target, force: args.force ?? true }, object);
  authorised(asking, names, 'update', target);
  const outcome = await asking.visit.workspace.update({
    ...writeRequest(names, args, asking),
    ...target,
    body: object,
    duplicateFields: [],
    whyNotCreate: whyNotCreate(asking, names, target),
  });
  return written(outcome, { asking, names, verb: 'update', target });
}

/** @throws GraphQLError where the workspace serves no such kind, as kubectl would say it */
function namesFor(all: readonly VersionNames[], { apiVersion, kind }: JsonObject): VersionNames {
  const found = all.find((names) => names.kind.kind === kind && apiVersionOf(names) === apiVersion);
  if (found !== undefined) return found;
  throw refused(statusFailure('NotFound', `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`));
}

/** Who owns which fields is the server's to say: what was read may be sent back as it is. */
function withoutOwnership(document: JsonObject): KubeObject {
  const { managedFields: _, ...metadata } = (document['metadata'] ?? {}) as JsonObject;
  return { ...document, metadata } as unknown as KubeObject;
}
