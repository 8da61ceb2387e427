import { describe, expect, it } from 'vitest';
import { aKind } from '../testing/a-kind.ts';
import { graphqlName, namesOf } from './names.ts';

const reserved = { query: ['typeByCategory'], mutation: ['applyYaml'], subscription: [] };
describe('the names of kinds', () => {
  it('follow group, version and kind', () => {
    const [names] = namesOf([aKind('core.platform-mesh.io', 'accounts', 'Account', { versions: ['v1alpha1'] })], reserved);
    expect(names).toMatchObject({
      group: 'core_platform_mesh_io',
      versionField: 'v1alpha1',
      fields: {
        one: 'Account',
        many: 'Accounts',
        yaml: 'AccountYaml',
        eventsOfOne: 'core_platform_mesh_io_v1alpha1_account',
        eventsOfMany: 'core_platform_mesh_io_v1alpha1_accounts',
      },
      types: { object: 'CorePlatformMeshIoV1alpha1Account', input: 'CorePlatformMeshIoV1alpha1Account_Input' },
    });
  });

  it('of the core group begin at the version', () => {
    const [names] = namesOf([aKind('', 'configmaps', 'ConfigMap')], reserved);
    expect(names).toMatchObject({ group: undefined, fields: { eventsOfMany: 'v1_configmaps' }, types: { object: 'V1ConfigMap' } });
  });

  it.each([
    ['networkpolicies', 'NetworkPolicy', 'NetworkPolicies'],
    ['ingresses', 'Ingress', 'Ingresses'],
    ['people', 'Person', 'People'],
    ['mice', 'Rodent', 'Mice'],
    ['endpoints', 'Endpoints', 'EndpointsList'],
  ])('spell the plural %s of %s as %s', (resource, name, plural) => {
    const [names] = namesOf([aKind('a.io', resource, name)], reserved);
    expect(names?.fields.many).toBe(plural);
  });

  it('are given once, whoever comes first', () => {
    const kinds = [
      aKind('a.b-c', 'gadgets', 'Gadget'),
      aKind('a-b.c', 'gadgets', 'Gadget'),
      aKind('typeByCategory', 'as', 'A'),
      aKind('x.io', 'widgets', 'Widget'),
      aKind('x.io', 'widgetlists', 'WidgetList'),
      aKind('x.io', 'widgetyamls', 'WidgetYaml'),
    ];
    const given = (order: typeof kinds) => namesOf(order, reserved).map(({ kind: of, version: _, ...names }) => [of.group, of.kind, names]);
    const all = given(kinds);
    expect(given(kinds.toReversed())).toEqual(all);
    const typeNames = namesOf(kinds, reserved).flatMap(({ types }) => Object.values(types));
    expect(new Set(typeNames).size).toBe(typeNames.length);
    const places = namesOf(kinds, reserved).flatMap(({ group, fields }) =>
      [fields.one, fields.many, fields.yaml].map((field) => `${group}.${field}`),
    );
    expect(new Set(places).size).toBe(places.length);
    expect(namesOf(kinds, reserved).map(({ group }) => group)).toEqual(['a_b_c', 'a_b_c_', 'typeByCategory_', 'x_io', 'x_io', 'x_io']);
  });

  it.each([
    ['a-b', 'a_b'],
    ['1a', '_1a'],
    ['__type', '_type'],
    ['$ref', '_ref'],
    ['ä', '_'],
  ])('of the field %s is %s', (field, name) => {
    expect(graphqlName(field)).toBe(name);
  });
});
