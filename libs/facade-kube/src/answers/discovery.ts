import { createHash } from 'node:crypto';
import { negotiateAccept, statusFailure, type ServedKind } from '#kube';
import { failure, type Answer, type Exchange } from '../exchange.ts';
import type { BarePath } from '../request-path.ts';
import { apiGroupDiscoveryList } from '../discovery/aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/legacy.ts';
import { groupEntries, type GroupEntries } from '../discovery/resource-entries.ts';

/** `/api`, `/apis` in both forms; `/api/v1`, `/apis/<group>`, `/apis/<group>/<version>` in the old one. */
export function answerDiscovery(exchange: Exchange<BarePath>, served: readonly ServedKind[]): Answer | undefined {
  const { request, path, options } = exchange;
  const [root = '', group, version] = path.segments;
  const documents = documentsOf(served);
  if (group === undefined) {
    const negotiation = negotiateAccept(request.headers.accept, 'discovery');
    if (negotiation.type === 'notAcceptable') return failure(statusFailure('NotAcceptable', negotiation.message));
    const { transform } = negotiation.representation;
    if (transform !== undefined) return answerAggregated(exchange, documents, { root, version: transform.version });
  }
  const text = legacyText(documents, path.segments.join('/'), () =>
    legacyDocument(documents.groups, { root, group, version }, options.serverAddress),
  );
  return text === undefined ? undefined : { type: 'text', code: 200, text, headers: legacyHeaders };
}

type Documents = {
  readonly groups: readonly GroupEntries[];
  readonly legacy: Map<string, string | undefined>;
  readonly aggregated: Map<string, { readonly text: string; readonly tag: string }>;
};

/** Made once per list of kinds, which workspaces that serve the same share. */
const documentsByKinds = new WeakMap<readonly ServedKind[], Documents>();

function documentsOf(served: readonly ServedKind[]): Documents {
  let documents = documentsByKinds.get(served);
  if (documents === undefined)
    documentsByKinds.set(served, (documents = { groups: groupEntries(served), legacy: new Map(), aggregated: new Map() }));
  return documents;
}

const legacyHeaders = { 'Content-Type': 'application/json', Vary: 'Accept' };

/** Only what exists is remembered: the names asked for come from outside. */
function legacyText({ legacy }: Documents, name: string, document: () => object | undefined): string | undefined {
  const known = legacy.get(name);
  if (known !== undefined) return known;
  const made = document();
  if (made === undefined) return undefined;
  const text = `${JSON.stringify(made)}\n`;
  legacy.set(name, text);
  return text;
}

type Asked = { readonly root: string; readonly group: string | undefined; readonly version: string | undefined };

function legacyDocument(groups: readonly GroupEntries[], { root, group, version }: Asked, serverAddress: string): object | undefined {
  if (root === 'api') return group === undefined ? apiVersions(serverAddress) : apiResourceList(groups, '', group);
  if (group === undefined) return apiGroupList(groups);
  return version === undefined ? apiGroup(groups, group) : apiResourceList(groups, group, version);
}

function answerAggregated(
  { request }: Exchange<BarePath>,
  { groups, aggregated }: Documents,
  { root, version }: { readonly root: string; readonly version: string },
): Answer {
  const name = `${root}/${version}`;
  let made = aggregated.get(name);
  if (made === undefined) {
    const listed = groups.filter(({ group }) => (group === '') === (root === 'api'));
    const text = `${JSON.stringify(apiGroupDiscoveryList(listed, version))}\n`;
    made = { text, tag: `"${createHash('sha512').update(text).digest('hex').toUpperCase()}"` };
    aggregated.set(name, made);
  }
  const headers = {
    'Content-Type': `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    Vary: 'Accept',
    ETag: made.tag,
  };
  return request.headers['if-none-match'] === made.tag
    ? { type: 'text', code: 304, text: '', headers }
    : { type: 'text', code: 200, text: made.text, headers };
}
