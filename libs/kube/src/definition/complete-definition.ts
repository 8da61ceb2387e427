import type { JsonObject } from '../json.ts';
import { isJsonObject } from '../schema/json-shape.ts';

/** Defaults that a schema cannot express. Source: apiextensions pkg/apis/apiextensions/v1/defaults.go. */
export function completeDefinition(definition: JsonObject): JsonObject {
  const { spec } = definition;
  if (!isJsonObject(spec)) return definition;
  const { preserveUnknownFields, ...rest } = spec;
  const { names, conversion } = spec;
  return {
    ...definition,
    spec: {
      ...rest,
      ...(isJsonObject(names) ? { names: completeNames(names) } : {}),
      conversion: isJsonObject(conversion) ? withPort(conversion) : { strategy: 'None' },
      // Go leaves out what is false.
      ...(preserveUnknownFields === undefined || preserveUnknownFields === false ? {} : { preserveUnknownFields }),
    },
  };
}

function completeNames(names: JsonObject): JsonObject {
  const { kind } = names;
  if (typeof kind !== 'string' || kind === '') return names;
  return { ...names, singular: names['singular'] || kind.toLowerCase(), listKind: names['listKind'] || `${kind}List` };
}

const httpsPort = 443;

function withPort(conversion: JsonObject): JsonObject {
  const { webhook } = conversion;
  const client = isJsonObject(webhook) ? webhook['clientConfig'] : undefined;
  const service = isJsonObject(client) ? client['service'] : undefined;
  if (!isJsonObject(webhook) || !isJsonObject(client) || !isJsonObject(service) || service['port'] !== undefined) return conversion;
  return { ...conversion, webhook: { ...webhook, clientConfig: { ...client, service: { ...service, port: httpsPort } } } };
}
