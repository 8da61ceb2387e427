import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { applyScale, ownersAfterScale, type ScaleWrite } from './scale-owners.ts';

// As in upstream's TestApplyScaleSubresource and its integration tests of scales.

const at = '2026-01-01T00:00:09.900Z';
const paths = new Map([
  ['demo.test/v1', { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }],
  ['demo.test/v2', { specReplicasPath: '.spec.size.count', statusReplicasPath: '.status.replicas' }],
  ['demo.test/v3', undefined],
]);
const by = (manager: string, more: Partial<ScaleWrite> = {}): ScaleWrite => ({ manager, at, apiVersion: 'demo.test/v1', paths, ...more });

const entry = (manager: string, operation: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject => ({
  manager,
  operation,
  apiVersion: 'demo.test/v1',
  time: '2026-01-01T00:00:01Z',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});
const object = (replicas: number, managedFields: readonly JsonObject[]): KubeObject => ({
  apiVersion: 'demo.test/v1',
  kind: 'Demo',
  metadata: { name: 'd', uid: 'u', resourceVersion: '7', ...(managedFields.length > 0 ? { managedFields } : {}) },
  spec: { color: 'red', replicas },
});
const scale = (replicas: number): KubeObject => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'd' },
  spec: replicas === 0 ? {} : { replicas },
});

const both = { 'f:spec': { 'f:color': {}, 'f:replicas': {} } };
const color = { 'f:spec': { 'f:color': {} } };
const replicas = { 'f:spec': { 'f:replicas': {} } };
const scaler = {
  manager: 'scaler',
  operation: 'Update',
  apiVersion: 'demo.test/v1',
  fieldsType: 'FieldsV1',
  fieldsV1: replicas,
  subresource: 'scale',
};

describe('who scales', () => {
  it('owns the replicas, in an entry of its own without a time, and nobody else does', () => {
    const present = object(1, [entry('applier', 'Apply', both), entry('upd', 'Update', replicas)]);
    expect(ownersAfterScale(present, scale(3), by('scaler'))).toEqual([entry('applier', 'Apply', color), scaler]);
  });

  it('owns them in the version of the request, wherever others have them', () => {
    const present = object(1, [entry('applier', 'Apply', { 'f:spec': { 'f:size': { 'f:count': {} } } }, { apiVersion: 'demo.test/v2' })]);
    expect(ownersAfterScale(present, scale(3), by('scaler'))).toEqual([scaler]);
  });

  it('changes nothing by wanting what is wanted', () => {
    const owners = [entry('applier', 'Apply', both), entry('upd', 'Update', replicas)];
    expect(ownersAfterScale(object(3, owners), scale(3), by('scaler'))).toEqual(owners);
    expect(ownersAfterScale(object(3, [scaler]), scale(4), by('scaler'))).toEqual([scaler]);
  });

  it('comes to own nothing where nobody owned the replicas, and leaves the rest alone', () => {
    const owners = [entry('applier', 'Apply', color), entry('old', 'Update', replicas, { apiVersion: 'demo.test/v3' })];
    expect(ownersAfterScale(object(1, owners), scale(3), by('scaler'))).toEqual(owners);
    expect(ownersAfterScale(object(1, []), scale(3), by('scaler'))).toBeUndefined();
  });
});

describe('an apply of a scale', () => {
  const owned = object(1, [entry('applier', 'Apply', both)]);

  it('is refused what others own, until it is forced', () => {
    expect(applyScale(owned, scale(3), { ...by('scaler'), force: false })).toMatchObject({
      type: 'conflict',
      message: 'Apply failed with 1 conflict: conflict with "applier": .spec.replicas',
    });
    expect(applyScale(owned, scale(3), { ...by('scaler'), force: true })).toMatchObject({
      type: 'applied',
      object: { spec: { replicas: 3 } },
      managedFields: [
        { manager: 'scaler', operation: 'Apply', subresource: 'scale', fieldsV1: replicas },
        entry('applier', 'Apply', color),
      ],
    });
  });

  it('shares what it says the same about', () => {
    expect(applyScale(owned, scale(1), { ...by('scaler'), force: false })).toMatchObject({
      type: 'applied',
      managedFields: [{ manager: 'scaler', subresource: 'scale' }, entry('applier', 'Apply', both)],
    });
  });

  it('says no more than a scale does', () => {
    const config = { ...scale(3), spec: { replicas: 3, color: 'red' } } as KubeObject;
    expect(applyScale(owned, config, { ...by('scaler'), force: true })).toEqual({
      type: 'untyped',
      message: 'failed to create typed patch object (/d; autoscaling/v1, Kind=Scale): .spec.color: field not declared in schema',
    });
  });

  it('fails as upstream does where nobody owns the replicas', () => {
    expect(applyScale(object(1, []), scale(3), { ...by('scaler'), force: true })).toMatchObject({ type: 'untyped' });
  });
});
