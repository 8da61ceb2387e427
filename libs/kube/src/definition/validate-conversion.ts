import { X509Certificate } from 'node:crypto';
import { dns1035Problems } from '../metadata/names.ts';
import { forbidden, invalidStrings, invalidValue, notSupported, requiredValue } from '../schema/field-error.ts';
import type { StatusCause } from '../status-failure.ts';
import type { DefinitionConversion, WebhookClient } from './definition.ts';

const strategies = ['None', 'Webhook'];
const reviewVersions = ['v1', 'v1beta1'];
const at = 'spec.conversion';

/** What is wrong with how objects come from one version to another. A CA that is none is borne until the kind is served. */
export function conversionCauses(conversion: DefinitionConversion | undefined, isServed: boolean): readonly StatusCause[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const unknown = !strategy
    ? [requiredValue(`${at}.strategy`)]
    : strategies.includes(strategy)
      ? []
      : [notSupported(`${at}.strategy`, strategy, strategies)];
  const client = webhook?.clientConfig;
  const versions = webhook?.conversionReviewVersions ?? [];
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook';
    return [
      ...unknown,
      ...(client ? [forbidden(`${at}.webhookClientConfig`, detail)] : []),
      ...(versions.length > 0 ? [forbidden(`${at}.conversionReviewVersions`, detail)] : []),
    ];
  }
  return [
    ...(client ? clientCauses(client, isServed) : [requiredValue(`${at}.webhookClientConfig`, 'required when strategy is set to Webhook')]),
    ...reviewCauses(versions),
  ];
}

function clientCauses({ url, service, caBundle }: WebhookClient, isServed: boolean): readonly StatusCause[] {
  const field = `${at}.webhookClientConfig`;
  const bundle = caBundle && isServed ? bundleCauses(caBundle, `${field}.caBundle`) : [];
  if ((url === undefined) === (service === undefined))
    return [requiredValue(field, 'exactly one of url or service is required'), ...bundle];
  if (url !== undefined) return [...urlCauses(url, `${field}.url`), ...bundle];
  const { name, namespace } = service ?? {};
  return [
    ...(name ? [] : [requiredValue(`${field}.service.name`)]),
    ...(namespace ? [] : [requiredValue(`${field}.service.namespace`)]),
    ...bundle,
  ];
}

const form = '; desired format: https://host[/path]';

function urlCauses(text: string, field: string): readonly StatusCause[] {
  if (!URL.canParse(text)) return [requiredValue(field, `url must be a valid URL: parse ${JSON.stringify(text)}${form}`)];
  const { protocol, host, username, hash, search } = new URL(text);
  const scheme = protocol.slice(0, -1);
  return [
    ...(scheme === 'https' ? [] : [invalidValue(field, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === '' ? [invalidValue(field, host, `host must be specified${form}`)] : []),
    ...(username === '' ? [] : [invalidValue(field, username, 'user information is not permitted in the URL')]),
    ...(hash === '' ? [] : [invalidValue(field, hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(search === '' ? [] : [invalidValue(field, search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function bundleCauses(caBundle: string, field: string): readonly StatusCause[] {
  if (isCertificate(caBundle)) return [];
  return [invalidValue(field, caBundle, 'unable to load root certificates: unable to parse bytes as PEM block')];
}

function isCertificate(caBundle: string): boolean {
  try {
    return new X509Certificate(Buffer.from(caBundle, 'base64')).subject !== '';
  } catch {
    return false;
  }
}

function reviewCauses(versions: readonly string[]): readonly StatusCause[] {
  const field = `${at}.conversionReviewVersions`;
  if (versions.length === 0) return [requiredValue(field)];
  const malformed = versions.flatMap((version, index) => {
    if (versions.indexOf(version) < index) return [invalidValue(`${field}[${index}]`, version, 'duplicate version')];
    return dns1035Problems(version).map((problem) => invalidValue(`${field}[${index}]`, version, problem));
  });
  const isKnown = versions.some((version) => reviewVersions.includes(version));
  return isKnown ? malformed : [...malformed, invalidStrings(field, versions, `must include at least one of ${reviewVersions.join(', ')}`)];
}
