import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import type { ServedKind, ServedVersion } from '../served-kind.ts';
import { oncePerVersion } from './version-cache.ts';

/**
 * A document that is put together from parts, one per served version of a kind: neither making it nor changing a kind in it takes
 * long at a time, however many kinds there are.
 */
export type OpenApiEdition = {
  /** What one version of a kind adds. The same part as before, as long as somebody holds it. */
  readonly part: (kind: ServedKind, version: ServedVersion) => OpenApiPart;
  /** The document of these parts, as bytes that stand one after the other. */
  readonly join: (parts: readonly OpenApiPart[]) => readonly Uint8Array[];
};

export type OpenApiPart = {
  readonly paths: Uint8Array;
  /** By the models' names: what several parts have, all describe alike. */
  readonly models: ReadonlyMap<string, Uint8Array>;
  /** SHA-512 of it all. */
  readonly hash: Uint8Array;
};

/** What one version of a kind adds, before it is written down. */
export type PartContent = { readonly paths: JsonObject; readonly models: JsonObject };

export type Writing = {
  readonly contentOf: (kind: ServedKind, version: ServedVersion) => PartContent;
  readonly writePaths: (paths: JsonObject) => Uint8Array;
  readonly writeModel: (name: string, model: JsonObject) => Uint8Array;
  /** The models that every document has. */
  readonly shared: JsonObject;
  readonly frame: (paths: readonly Uint8Array[], models: readonly Uint8Array[]) => readonly Uint8Array[];
};

export function editionOf({ contentOf, writePaths, writeModel, shared, frame }: Writing): OpenApiEdition {
  const modelsOf = (models: JsonObject) =>
    new Map(Object.entries(models).map(([name, model]) => [name, writeModel(name, model as JsonObject)] as const));
  let sharedModels: ReadonlyMap<string, Uint8Array> | undefined;
  return {
    part: oncePerVersion((kind, version) => {
      const content = contentOf(kind, version);
      const [paths, models] = [writePaths(content.paths), modelsOf(content.models)];
      const hash = createHash('sha512').update(paths);
      for (const model of models.values()) hash.update(model);
      return { paths, models, hash: hash.digest() };
    }),
    join(parts) {
      sharedModels ??= modelsOf(shared);
      const models = new Map(sharedModels);
      for (const part of parts) for (const [name, model] of part.models) if (!models.has(name)) models.set(name, model);
      return frame(
        parts.map(({ paths }) => paths),
        [...models.values()],
      );
    },
  };
}

/** Whether two documents differ can be told by their parts, without reading all of them. Upper-case hexadecimal. */
export function openApiHash({ join }: OpenApiEdition, parts: readonly OpenApiPart[]): string {
  const hash = createHash('sha512');
  for (const bytes of join([])) hash.update(bytes);
  for (const part of parts) hash.update(part.hash);
  return hash.digest('hex').toUpperCase();
}

type JsonFrame = { readonly before: string; readonly between: string; readonly after: string };

/** Editions in JSON: paths stand between `before` and `between`, models between that and `after`. */
export function jsonEdition({ contentOf, shared, ...text }: Pick<Writing, 'contentOf' | 'shared'> & JsonFrame): OpenApiEdition {
  const [before, between, after] = [Buffer.from(text.before), Buffer.from(text.between), Buffer.from(text.after)];
  return editionOf({
    contentOf,
    shared,
    writePaths: (paths) => Buffer.from(JSON.stringify(paths).slice(1, -1)),
    writeModel: (name, model) => Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(model)}`),
    frame: (paths, models) => [before, ...listed(paths), between, ...listed(models), after],
  });
}

const comma = Buffer.from(',');

function listed(items: readonly Uint8Array[]): readonly Uint8Array[] {
  return items.filter(({ length }) => length > 0).flatMap((item, index) => (index === 0 ? [item] : [comma, item]));
}
