import { describe, expect, it, test } from 'vitest';
import type { Json } from '../json.ts';
import type { KubeObject, ObjectMeta } from '../kube-object.ts';
import { healthOf } from './health-of.ts';

const at = '2026-11-23T08:00:00Z';
const later = '2026-11-23T09:00:00Z';

function gadget(status: Json | undefined, metadata: Partial<ObjectMeta> = {}): KubeObject {
  return {
    apiVersion: 'demo.test/v1',
    kind: 'Gadget',
    metadata: { name: 'g', generation: 2, creationTimestamp: at, ...metadata },
    spec: {},
    ...(status === undefined ? {} : { status }),
  };
}

const condition = (type: string, status: string, reason = 'Because', message = `${type} is ${status}`) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: later,
});

describe('the health of an instance, moment by moment', () => {
  const waiting = condition('Ready', 'Unknown', 'WaitingForProvider', 'the provider has not answered yet');
  test.each([
    ['created', gadget({ conditions: [waiting, condition('Reconciling', 'True', 'Accepted')] }), 'InProgress', 'provider'],
    [
      'changed',
      gadget({ observedGeneration: 1, conditions: [waiting, condition('Reconciling', 'True', 'SpecChanged')] }),
      'InProgress',
      'provider',
    ],
    ['answered: ready', gadget({ observedGeneration: 2, conditions: [condition('Ready', 'True')] }), 'Current', null],
    ['answered: not ready', gadget({ observedGeneration: 2, conditions: [condition('Ready', 'False')] }), 'InProgress', 'provider'],
    [
      'answered for an older generation',
      gadget({ observedGeneration: 1, conditions: [condition('Ready', 'True')] }),
      'InProgress',
      'provider',
    ],
    [
      'a failure that stays',
      gadget({ observedGeneration: 2, conditions: [condition('Ready', 'False'), condition('Stalled', 'True')] }),
      'Failed',
      'consumer',
    ],
    [
      'a provider that is silent',
      gadget({ observedGeneration: 2, conditions: [condition('Ready', 'True'), condition('Reconciling', 'True', 'ProviderUnreachable')] }),
      'InProgress',
      'provider',
    ],
    ['to be deleted', gadget({}, { deletionTimestamp: later, finalizers: ['tributary.io/provider-release'] }), 'Terminating', 'provider'],
  ])('%s', (_, object, word, turn) => {
    expect(healthOf(object, 'provider')).toMatchObject({ word, turn });
  });
});

describe('kstatus to the letter', () => {
  test.each([
    ['no status', undefined, 'Current'],
    ['no conditions', {}, 'Current'],
    ['a status that is no object', 'odd', 'Current'],
    ['conditions that are no list', { conditions: { Ready: 'False' } }, 'Current'],
    ['conditions that are no objects', { conditions: [null, 'Ready', 7] }, 'Current'],
    [
      'the first of Stalled and Reconciling decides',
      { conditions: [condition('Stalled', 'True'), condition('Reconciling', 'True')] },
      'Failed',
    ],
    ['and the other way round', { conditions: [condition('Reconciling', 'True'), condition('Stalled', 'True')] }, 'InProgress'],
    ['they go before Ready', { conditions: [condition('Ready', 'True'), condition('Reconciling', 'True')] }, 'InProgress'],
    ['False ones say nothing', { conditions: [condition('Stalled', 'False'), condition('Reconciling', 'False')] }, 'Current'],
    ['a Ready of another word says nothing', { conditions: [condition('Ready', 'Maybe')] }, 'Current'],
    ['the generation goes before conditions', { observedGeneration: 1, conditions: [condition('Stalled', 'True')] }, 'InProgress'],
    ['a generation that was not observed is not asked for', { conditions: [condition('Ready', 'True')] }, 'Current'],
  ])('%s', (_, status, word) => {
    expect(healthOf(gadget(status as Json | undefined), 'provider').word).toBe(word);
  });

  it('knows what definitions say, and what ConfigMaps and Secrets do not', () => {
    const definition = (...conditions: object[]): KubeObject => ({
      ...gadget({ conditions } as unknown as Json),
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
    });
    const wordOf = (object: KubeObject): string => healthOf(object, 'mesh').word;
    expect(wordOf(definition())).toBe('InProgress');
    expect(wordOf(definition(condition('NamesAccepted', 'True'), condition('Established', 'True')))).toBe('Current');
    expect(wordOf(definition(condition('NamesAccepted', 'False')))).toBe('Failed');
    expect(wordOf(definition(condition('Established', 'False', 'Installing')))).toBe('InProgress');
    expect(wordOf(definition(condition('Established', 'False', 'Broken')))).toBe('Failed');
    const map = { ...gadget({ conditions: [condition('Ready', 'False')] }), apiVersion: 'v1', kind: 'ConfigMap' };
    expect(wordOf(map)).toBe('Current');
  });
});

describe('whose turn, since when, and why', () => {
  it('takes time and words from the condition that decided', () => {
    const status = { observedGeneration: 2, conditions: [condition('Ready', 'False', 'NoDisk', 'the disk\n is full')] };
    expect(healthOf(gadget(status), 'mesh')).toEqual({ word: 'InProgress', turn: 'mesh', since: later, reason: 'the disk is full' });
    expect(healthOf(gadget({ conditions: [condition('Ready', 'False', 'NoDisk', '')] }), 'mesh').reason).toBe('NoDisk');
    expect(healthOf(gadget(undefined), 'provider')).toEqual({ word: 'Current', turn: null, since: at, reason: 'nothing is left to do' });
  });

  it('says which generation is waited for', () => {
    const status = { observedGeneration: 1, conditions: [condition('Ready', 'True')] };
    expect(healthOf(gadget(status), 'provider')).toMatchObject({
      since: later,
      reason: 'generation 2 is wanted, generation 1 has been answered',
    });
  });

  it('says who holds what is to be deleted', () => {
    const held = (...finalizers: string[]) => healthOf(gadget({}, { deletionTimestamp: later, finalizers }), 'consumer');
    expect(held()).toMatchObject({ turn: 'mesh', since: later });
    expect(held('foregroundDeletion')).toMatchObject({ turn: 'mesh' });
    expect(held('acme.io/backup', 'foregroundDeletion')).toMatchObject({
      turn: 'consumer',
      reason: 'its deletion waits for acme.io/backup',
    });
  });

  it('bounds what a provider writes', () => {
    const { reason } = healthOf(gadget({ conditions: [condition('Ready', 'False', 'x', 'long '.repeat(1_000))] }), 'provider');
    expect(reason.length).toBeLessThanOrEqual(400);
  });
});
