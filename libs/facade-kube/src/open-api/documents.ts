import type { ServedKind } from '#kube';
import type { OpenApiDocuments } from '../exchange.ts';
import { DocumentStore, type About, type Document, type Wanted } from './document-store.ts';

export type { Document };

export type Documents = {
  /** `api/v1`, `apis/<group>/<version>`. */
  readonly names: readonly string[];
  readonly v3: (name: string) => Promise<Document | undefined>;
  readonly hashOfV3: (name: string) => Promise<string | undefined>;
  readonly v2: () => Promise<Document>;
  readonly v2Protobuf: () => Promise<Document>;
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

function makeDocuments(served: readonly ServedKind[], openApi: OpenApiDocuments): Documents {
  let store = stores.get(openApi);
  if (store === undefined) stores.set(openApi, (store = new DocumentStore()));
  const kept = store;
  const byName = aboutByName(served);
  const v3 = (name: string): Wanted | undefined => {
    const about = byName.get(name);
    return about && { name, edition: openApi.v3, about };
  };
  const everything = [...byName.values()].flat();
  const whole = (name: 'v2' | 'v2Protobuf'): Wanted => ({ name, edition: openApi[name], about: everything });
  return {
    names: [...byName.keys()],
    v3: async (name) => {
      const wanted = v3(name);
      return wanted && kept.of(wanted);
    },
    hashOfV3: async (name) => {
      const wanted = v3(name);
      return wanted && kept.hashOf(wanted);
    },
    v2: () => kept.of(whole('v2')),
    v2Protobuf: () => kept.of(whole('v2Protobuf')),
  };
}

function aboutByName(served: readonly ServedKind[]): ReadonlyMap<string, readonly About[]> {
  const byName = new Map<string, About[]>();
  for (const kind of served)
    for (const version of kind.versions) {
      if (!version.served) continue;
      const name = kind.group === '' ? `api/${version.name}` : `apis/${kind.group}/${version.name}`;
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [{ kind, version }]);
      else known.push({ kind, version });
    }
  return byName;
}
