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
  /** SHA-256 of it all. */
  readonly hash: Uint8Array;
};

export type Writing = {
  readonly modelsOf: (kind: ServedKind, version: ServedVersion) => JsonObject;
  readonly writePaths: (kind: ServedKind, version: ServedVersion) => Uint8Array;
  readonly writeModel: (name: string, model: JsonObject) => Uint8Array;
  /** The models that every document has. */
  readonly shared: JsonObject;
  readonly frame: (paths: readonly Uint8Array[], models: readonly Uint8Array[]) => readonly Uint8Array[];
};

export function editionOf({ modelsOf, writePaths, writeModel, shared, frame }: Writing): OpenApiEdition {
  const written = (models: JsonObject) =>
    new Map(Object.entries(models).map(([name, model]) => [name, writeModel(name, model as JsonObject)] as const));
  let sharedModels: ReadonlyMap<string, Uint8Array> | undefined;
  return {
    part: oncePerVersion((kind, version) => {
      const [paths, models] = [writePaths(kind, version), written(modelsOf(kind, version))];
      const hash = createHash('sha256').update(paths);
      for (const model of models.values()) hash.update(model);
      return { paths, models, hash: hash.digest() };
    }),
    join(parts) {
      sharedModels ??= written(shared);
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
