import { createHash } from 'node:crypto';
import type { JsonObject, ServedKind } from '#kube';
import type { OpenApiDocuments } from '../exchange.ts';
import { DocumentStore, type Document } from './document-store.ts';

export type { Document };

export type Documents = {
  /** `api/v1`, `apis/<group>/<version>`. */
  readonly names: readonly string[];
  readonly v3: (name: string) => Document | undefined;
  readonly hashOfV3: (name: string) => string | undefined;
  readonly v2: () => Document;
  readonly v2Protobuf: () => Document;
};

/** Made once per list of kinds, which workspaces that serve the same share. Each document is made when it is first asked for. */
const documentsByKinds = new WeakMap<readonly ServedKind[], Documents>();
/** A document about the same kinds is the same document, whichever workspace serves them beside others. */
const stores = new WeakMap<OpenApiDocuments, DocumentStore>();

export function documentsOf(served: readonly ServedKind[], openApi: OpenApiDocuments): Documents {
  let documents = documentsByKinds.get(served);
  if (documents === undefined) documentsByKinds.set(served, (documents = makeDocuments(served, openApi)));
  return documents;
}

type Asked = { readonly group: string; readonly version: string; readonly kinds: ServedKind[] };

function makeDocuments(served: readonly ServedKind[], openApi: OpenApiDocuments): Documents {
  let store = stores.get(openApi);
  if (store === undefined) stores.set(openApi, (store = new DocumentStore()));
  const kept = store;
  const byName = namesOf(served);
  const written = (document: JsonObject): Document => ({ bytes: Buffer.from(JSON.stringify(document)), hash: openApi.hash(document) });
  const v3 = (name: string) => {
    const asked = byName.get(name);
    if (asked === undefined) return undefined;
    const { group, version, kinds } = asked;
    return { name, kinds, make: () => written(openApi.v3(group, version, kinds)) };
  };
  return {
    names: [...byName.keys()],
    v3: (name) => {
      const wanted = v3(name);
      return wanted && kept.of(wanted);
    },
    hashOfV3: (name) => {
      const wanted = v3(name);
      return wanted && kept.hashOf(wanted);
    },
    v2: () => kept.of({ name: 'v2', kinds: served, make: () => written(openApi.v2(served)) }),
    v2Protobuf: () => kept.of({ name: 'v2 protobuf', kinds: served, make: () => binaryOf(openApi.v2Protobuf(openApi.v2(served))) }),
  };
}

function namesOf(served: readonly ServedKind[]): ReadonlyMap<string, Asked> {
  const byName = new Map<string, Asked>();
  for (const kind of served)
    for (const version of kind.versions) {
      if (!version.served) continue;
      const name = kind.group === '' ? `api/${version.name}` : `apis/${kind.group}/${version.name}`;
      const known = byName.get(name);
      if (known === undefined) byName.set(name, { group: kind.group, version: version.name, kinds: [kind] });
      else known.kinds.push(kind);
    }
  return byName;
}

const binaryOf = (bytes: Uint8Array): Document => ({ bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() });
