import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { testKubectl, type Kubectl } from '../../servers/kubectl.ts';
import { runKubectl, type Ran } from '../../servers/run-kubectl.ts';
import { startTributary, type TributaryServer } from '../../servers/tributary.ts';
import { crdShapes, readShape, type Json } from './shapes.ts';

// What kubectl makes of definitions that have the form of well-known ones.

let server: TributaryServer;
let kubectl: Kubectl;
let folder: string;

beforeAll(async () => {
  [kubectl, server, folder] = await Promise.all([testKubectl(), startTributary(), mkdtemp(join(tmpdir(), 'shapes-'))]);
  const definitions = Object.keys(crdShapes).map((name) => stringify(readShape(name).definition, { aliasDuplicateObjects: false }));
  expect(await k('apply -f -', definitions.join('---\n'))).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

function k(words: string, stdin = ''): Promise<Ran> {
  const place = ['--kubeconfig', server.kubeconfig, '--server', `${server.url}/clusters/root:orgs`, '--cache-dir', join(folder, 'cache')];
  return runKubectl(kubectl, [...place, ...words.split(' ')], stdin);
}

function resourceOf(name: string): string {
  const { instance, definition } = readShape(name);
  const [group = '', version = ''] = String(instance['apiVersion']).split('/');
  const { names } = definition['spec'] as { readonly names: { readonly plural: string } };
  return `${names.plural}.${version}.${group}`;
}

it.each(Object.keys(crdShapes))(
  'an object of the form of %s is applied from the client, then from the server, and checked before',
  async (name) => {
    const { instance } = readShape(name);
    const text = stringify(instance, { aliasDuplicateObjects: false });
    expect(await k('apply -f -', text)).toMatchObject({ code: 0, err: '' });
    const applied = await k('apply --server-side --force-conflicts -f -', text);
    expect(applied).toMatchObject({ code: 0, err: '' });
    expect(applied.out).toContain(' serverside-applied');
    const shown = await k(
      `get ${resourceOf(name)} ${(instance['metadata'] as { readonly name: string }).name} -o jsonpath={.metadata.generation}`,
    );
    // A null is left out by kubectl where the client applies, and sent where the server does.
    expect(shown.out).toBe(text.includes(': null') ? '2' : '1');
    const wrong = await k('apply -f -', stringify({ ...instance, spec: { ...(instance['spec'] as Json), ofNobody: 1 } }));
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.err).toContain('unknown field "spec.ofNobody"');
  },
);

describe('explain', () => {
  it.each<[string, string, readonly string[]]>([
    ['certificate', 'spec.issuerRef', ['FIELD: issuerRef <Object>\n', 'Who signs it.', 'name\t<string> -required-']],
    ['certificate', 'spec.usages', ['FIELD: usages <[]string>']],
    ['certificate', 'status.conditions.status', ['ENUM:\n    True\n    False\n    Unknown\n']],
    ['application', 'spec.sources.helm.valuesObject', ['FIELD: valuesObject <Object>']],
    ['application', 'spec.sources.kustomize.replicas', ['count\t<Object> -required-']],
    ['application', 'spec.revisionHistoryLimit', ['<integer>']],
    ['kustomization', 'spec.postBuild.substitute', ['<map[string]string>']],
    ['helm-release', 'spec.values', ['Anything that the chart understands.']],
    ['service-monitor', 'spec.endpoints.targetPort', ['FIELD: targetPort <Object>', 'By number or by name.']],
    ['service-monitor', 'spec.endpoints.params', ['<map[string][]string>']],
    ['prometheus-rule', 'spec.groups.rules.expr', ['FIELD: expr <Object>', 'What is asked.']],
    [
      'composition',
      'spec.pipeline.input',
      ['FIELD: input <Object>', 'apiVersion\t<string> -required-', 'kind\t<string> -required-', 'metadata\t<'],
    ],
    ['http-route', 'spec.rules.matches.path', ['type\t<string>', 'value\t<string>']],
    ['cluster', 'spec.topology.variables', ['value\t<Object> -required-']],
    ['virtual-service', 'spec.http.match.uri', ['exact\t<string>']],
    ['cluster-policy', 'spec.rules.mutate.foreach.foreach', ['Loops inside of this one.']],
    ['kafka', 'spec.kafka.resources.limits', ['<map[string]Object>']],
  ])('says what %s has at %s', async (name, path, says) => {
    const { code, out, err } = await k(`explain ${resourceOf(name).split('.')[0]}.${path}${apiVersionOf(name)}`);
    expect([code, err]).toEqual([0, '']);
    for (const text of says) expect(out).toContain(text);
  });

  it('walks through all of each, and through an older version', async () => {
    for (const name of Object.keys(crdShapes)) {
      const { code, out, err } = await k(`explain ${resourceOf(name).split('.')[0]}${apiVersionOf(name)} --recursive`);
      expect([name, code, err]).toEqual([name, 0, '']);
      expect(out).toMatch(/\n {2}spec\t<Object>/);
    }
    const older = await k('explain kustomizations.spec.interval --api-version=kustomize.toolkit.fluxcd.io/v1beta2');
    expect(older.out).toContain('VERSION:    v1beta2');
  });
});

const apiVersionOf = (name: string): string => ` --api-version=${String(readShape(name).instance['apiVersion'])}`;
