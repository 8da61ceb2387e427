import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiateAccept } from './accept.ts';
import { negotiateBody, negotiatePatch } from './content-type.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const protobuf = 'application/vnd.kubernetes.protobuf';

describe('Accept', () => {
  it.each([
    [undefined, { mediaType: 'json' }],
    ['*/*', { mediaType: 'json' }],
    ['application/*', { mediaType: 'json' }],
    ['application/yaml', { mediaType: 'yaml' }],
    [`${protobuf},application/json`, { mediaType: 'json' }],
    [`${protobuf}, */*`, { mediaType: 'json' }],
    [`${table},application/json`, { mediaType: 'json', transform: { kind: 'Table', version: 'v1' } }],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io', { mediaType: 'json', transform: { kind: 'Table', version: 'v1beta1' } }],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', { mediaType: 'json' }],
    ['application/json;q=0.1, application/yaml;q=0.9', { mediaType: 'yaml' }],
    ['application/yaml;q=0, application/json', { mediaType: 'json' }],
    ['application/json;profile=nopeer;charset=utf-8', { mediaType: 'json' }],
    [
      `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json`,
      { mediaType: 'json', transform: { kind: 'PartialObjectMetadataList', version: 'v1' } },
    ],
  ])('%s is answered', (header, representation) => {
    expect(negotiateAccept(header, 'object')).toEqual({ type: 'accepted', representation });
  });

  it.each([['text/html'], [protobuf], ['application/json;as=Table;v=v1;g=other.io']])('%s is refused', (header) => {
    expect(negotiateAccept(header, 'object')).toEqual({
      type: 'notAcceptable',
      message: 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    });
  });

  it('chooses the discovery that it knows first', () => {
    const header = ['v3', 'v2beta1', 'v2'].map((v) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`).join(',');
    expect(negotiateAccept(header, 'discovery')).toMatchObject({
      representation: { transform: { kind: 'APIGroupDiscoveryList', version: 'v2beta1' } },
    });
    expect(negotiateAccept(`${header},application/json`, 'object')).toMatchObject({ representation: { mediaType: 'json' } });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (header) => ['accepted', 'notAcceptable'].includes(negotiateAccept(header, 'object').type)));
  });
});

describe('Content-Type', () => {
  it.each([
    [undefined, 'application/json'],
    ['application/json; charset=utf-8', 'application/json'],
    ['Application/YAML', 'application/yaml'],
  ])('%s is read', (header, mediaType) => {
    expect(negotiateBody(header)).toEqual({ type: 'accepted', mediaType });
  });

  it('says what it can read', () => {
    expect(negotiateBody('text/plain')).toEqual({
      type: 'unsupported',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    });
    expect(negotiatePatch('application/strategic-merge-patch+json', {})).toMatchObject({
      type: 'unsupported',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    });
    expect(negotiatePatch(undefined, {})).toMatchObject({ type: 'unsupported' });
    expect(negotiatePatch('application/merge-patch+json;charset=utf-8', {})).toMatchObject({ mediaType: 'application/merge-patch+json' });
  });

  it('takes strategic merge patches of kinds that clients have compiled in', () => {
    const mediaType = 'application/strategic-merge-patch+json';
    expect(negotiatePatch(mediaType, { compiledIn: true })).toEqual({ type: 'accepted', mediaType });
    expect(negotiatePatch('text/plain', { compiledIn: true })).toMatchObject({ message: expect.stringContaining(mediaType) as unknown });
  });
});
