import { describe, expect, test } from 'vitest';
import { authorize } from './authorize.ts';
import { anonymous, type Identity } from './identity.ts';

const jane: Identity = { user: 'jane', uid: '1', groups: ['team', 'system:authenticated'], extra: {} };
const master: Identity = { ...jane, user: 'root', groups: ['system:masters', 'system:authenticated'] };
const widget = { verb: 'get', group: 'example.com', resource: 'widgets', namespace: 'default', name: 'a' };

test('system:masters may do everything', () => {
  expect(authorize(master, widget)).toMatchObject({ type: 'allowed' });
  expect(authorize(master, { verb: 'get', nonResourcePath: '/metrics' })).toMatchObject({ type: 'allowed' });
});

describe('everyone', () => {
  test.each(['/version', '/livez', '/livez/ping', '/readyz', '/healthz'])('may read %s', (nonResourcePath) => {
    expect(authorize(jane, { verb: 'get', nonResourcePath })).toMatchObject({ type: 'allowed' });
    expect(authorize(anonymous, { verb: 'get', nonResourcePath })).toMatchObject({ type: 'allowed' });
  });

  test.each(['/metrics', '/api', '/apis', '/openapi/v3', '/versions', '/livezy', '/'])('may not read %s', (nonResourcePath) => {
    expect(authorize(jane, { verb: 'get', nonResourcePath })).toMatchObject({ type: 'denied' });
  });

  test('may only read there', () => {
    expect(authorize(jane, { verb: 'post', nonResourcePath: '/version' })).toMatchObject({ type: 'denied' });
  });
});

describe('reviews of oneself', () => {
  const review = { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews', namespace: '', name: '' };

  test('are for whoever proved who they are', () => {
    expect(authorize(jane, review)).toMatchObject({ type: 'allowed' });
    expect(authorize(anonymous, review)).toMatchObject({ type: 'denied' });
  });

  test('reviews of others are not', () => {
    expect(authorize(jane, { ...review, resource: 'subjectaccessreviews' })).toMatchObject({ type: 'denied' });
    expect(authorize(jane, { ...review, group: 'example.com' })).toMatchObject({ type: 'denied' });
  });
});

describe('a denial', () => {
  test('asks the anonymous for credentials, and forbids everyone else', () => {
    expect(authorize(anonymous, widget)).toMatchObject({ status: 'Unauthorized' });
    expect(authorize(jane, widget)).toMatchObject({ type: 'denied', status: 'Forbidden' });
  });

  test.each([
    [
      widget,
      'widgets.example.com "a" is forbidden: User "jane" cannot get resource "widgets" in API group "example.com" in the namespace "default"',
    ],
    [
      { ...widget, group: '', resource: 'nodes', namespace: '', name: '' },
      'nodes is forbidden: User "jane" cannot get resource "nodes" in API group "" at the cluster scope',
    ],
    [
      { ...widget, subresource: 'status' },
      'widgets.example.com "a" is forbidden: User "jane" cannot get resource "widgets/status" in API group "example.com" in the namespace "default"',
    ],
    [{ verb: 'get', nonResourcePath: '/x' }, 'forbidden: User "jane" cannot get path "/x"'],
  ])('speaks as upstream does', (attributes, message) => {
    expect(authorize(jane, attributes)).toMatchObject({ message });
  });
});
