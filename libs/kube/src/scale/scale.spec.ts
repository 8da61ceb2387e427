import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube-object.ts';
import { scaleOf, withScale } from './scale.ts';

const paths = { specReplicasPath: '.spec.workers.count', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' };
const object = (spec: object, status?: object): KubeObject =>
  ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '5', creationTimestamp: 't', labels: { x: 'y' } },
    spec,
    ...(status ? { status } : {}),
  }) as KubeObject;

describe('a scale', () => {
  it('is read from where the kind has it', () => {
    expect(scaleOf(object({ workers: { count: 3 } }, { replicas: 2, selector: 'a=b' }), paths)).toEqual({
      isSet: true,
      scale: {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '5', creationTimestamp: 't' },
        spec: { replicas: 3 },
        status: { replicas: 2, selector: 'a=b' },
      },
    });
  });

  it('says zero where nothing is said', () => {
    expect(scaleOf(object({}), paths)).toMatchObject({ isSet: false, scale: { spec: {}, status: { replicas: 0 } } });
  });

  it('is put where the kind has it, and brings its resourceVersion', () => {
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { resourceVersion: '4' }, spec: { replicas: 7 } };
    const scaled = withScale(object({ color: 'red', workers: { type: 'x' } }), scale, paths);
    expect(scaled.spec).toEqual({ color: 'red', workers: { type: 'x', count: 7 } });
    expect(scaled.metadata).toMatchObject({ resourceVersion: '4', labels: { x: 'y' } });
  });
});
