import type { JsonObject } from '../json.ts';
import type { ServedKind, ServedVersion } from '../served-kind.ts';
import { editionOf, type OpenApiEdition } from './edition.ts';
import { formOf, operationNamesOf, type OperationForm, type OperationNames } from './kind-operations.ts';
import { PathTemplates } from './path-templates.ts';

type JsonDocument = {
  readonly modelsOf: (kind: ServedKind, version: ServedVersion) => JsonObject;
  readonly pathsOf: (form: OperationForm, names: OperationNames) => JsonObject;
  /** The models that every document has. */
  readonly shared: JsonObject;
  /** Paths stand between `before` and `between`, models between that and `after`. */
  readonly before: string;
  readonly between: string;
  readonly after: string;
};

/** Editions in JSON. */
export function jsonEdition({ modelsOf, pathsOf, shared, ...text }: JsonDocument): OpenApiEdition {
  const [before, between, after] = [Buffer.from(text.before), Buffer.from(text.between), Buffer.from(text.after)];
  const templates = new PathTemplates((form, names) => JSON.stringify(pathsOf(form, names)).slice(1, -1));
  return editionOf({
    modelsOf,
    shared,
    writePaths: (kind, version) => templates.of(formOf(kind, version), operationNamesOf(kind, version)),
    writeModel: (name, model) => Buffer.from(`${JSON.stringify(name)}:${JSON.stringify(model)}`),
    frame: (paths, models) => [before, ...listed(paths), between, ...listed(models), after],
  });
}

const comma = Buffer.from(',');

function listed(items: readonly Uint8Array[]): readonly Uint8Array[] {
  return items.filter(({ length }) => length > 0).flatMap((item, index) => (index === 0 ? [item] : [comma, item]));
}
