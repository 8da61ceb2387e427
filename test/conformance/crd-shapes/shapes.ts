import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { parseJson } from '#json';

/** Definitions that have the form of well-known ones, each with an object of its kind: the files are theirs, the table is for whoever tries something on all. */
export const crdShapes: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'application',
    'certificate',
    'cluster',
    'cluster-policy',
    'composition',
    'helm-release',
    'http-route',
    'kafka',
    'kustomization',
    'prometheus-rule',
    'service-monitor',
    'virtual-service',
  ].map((name) => [name, new URL(`${name}.yaml`, import.meta.url).pathname]),
);

export type Json = { readonly [field: string]: unknown };

/** What a shape's file holds; whole numbers are exact. */
export function readShape(name: string): { readonly definition: Json; readonly instance: Json } {
  const file = crdShapes[name];
  if (file === undefined) throw new Error(`there is no shape ${name}`);
  const [definition, instance] = parseAllDocuments(readFileSync(file, 'utf8'), { intAsBigInt: true }).map(
    (one) => parseJson(JSON.stringify(one.toJS())) as Json,
  );
  if (!definition || !instance) throw new Error(`${file} holds no definition and instance`);
  return { definition, instance };
}
