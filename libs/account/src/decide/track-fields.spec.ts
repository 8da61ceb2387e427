import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#kube';
import { waitingStatus } from '../health.ts';
import { body, by, gadgets } from '../testing/given.ts';
import { withMeshStatus, withOwners, withWaitingStatus } from './track-fields.ts';

const [version] = gadgets.versions;
const writing = { kind: gadgets, version: version!, by };
const owned = (manager: string): KubeObject =>
  withOwners(undefined, body({ name: 'g', namespace: 'default' }, { size: 1 }), { ...writing, by: { ...by, fieldManager: manager } });

describe('the status that every instance begins with', () => {
  it.each(['kubectl', 'zeal'])('has the owner that any write of the mesh would give it, when %s created the instance', (manager) => {
    const status = waitingStatus(by.at);
    const general = withMeshStatus(owned(manager), status, writing);
    for (const attempt of ['found out', 'remembered'])
      expect([attempt, JSON.stringify(withWaitingStatus(owned(manager), status, writing))]).toEqual([attempt, JSON.stringify(general)]);
    expect(general.metadata.managedFields).toHaveLength(2);
  });

  it("is nobody's where nobody wants to know of owners", () => {
    const object = withWaitingStatus(body({ name: 'g', namespace: 'default' }, { size: 1 }), waitingStatus(by.at), writing);
    expect(object.metadata.managedFields).toBeUndefined();
  });
});
