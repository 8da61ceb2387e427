import type { Condition, KubeObject } from '../kube-object.ts';
import { verdictOf, type HealthWord, type Verdict } from './verdict.ts';

/** How an object is, for people and tables: the one place where it is computed. */
export type Health = {
  readonly word: HealthWord;
  /** Who has to do something for it to go on; null where nothing is left to do. */
  readonly turn: Turn | null;
  /** Since when it is so (RFC 3339); null where the object does not say. */
  readonly since: string | null;
  /** Why, in one sentence, on one line. */
  readonly reason: string;
};

export type Turn = 'consumer' | 'provider' | 'mesh';

/**
 * `answeredBy`: who writes the status of objects of this kind. A provider for bound kinds, the mesh for its own, the consumer for those
 * that they define themselves.
 */
export function healthOf(object: KubeObject, answeredBy: Turn): Health {
  const verdict = verdictOf(object);
  switch (verdict.word) {
    case 'Terminating':
      return terminating(object, answeredBy);
    case 'Failed':
      return { word: 'Failed', turn: 'consumer', since: sinceOf(verdict, object), reason: sentence(verdict, 'it failed') };
    case 'InProgress':
      return { word: 'InProgress', turn: answeredBy, since: sinceOf(verdict, object), reason: sentence(verdict, 'it is being worked on') };
    case 'Current':
      return {
        word: 'Current',
        turn: null,
        since: sinceOf(verdict, object),
        reason: sentence(verdict, 'nothing is left to do'),
      };
  }
}

/** The mesh's own finalizer that a provider's acknowledgement removes. */
const providerRelease = 'tributary.io/provider-release';
/** Finalizers that the mesh removes by itself. */
const meshFinalizers: ReadonlySet<string> = new Set(['foregroundDeletion', 'orphan', 'kubernetes', 'apis.kcp.io/apibinding-finalizer']);
const meshDomain = 'tributary.io/';

function terminating({ metadata, spec }: KubeObject, answeredBy: Turn): Health {
  const inSpec = (spec as { readonly finalizers?: unknown } | undefined)?.finalizers;
  const finalizers = [...(metadata.finalizers ?? []), ...(Array.isArray(inSpec) ? inSpec.filter((name) => typeof name === 'string') : [])];
  const since = metadata.deletionTimestamp ?? null;
  const strange = finalizers.filter((name) => name !== providerRelease && !meshFinalizers.has(name) && !name.startsWith(meshDomain));
  if (finalizers.includes(providerRelease))
    return { word: 'Terminating', turn: 'provider', since, reason: 'its deletion waits for the provider to let go of it' };
  if (strange.length === 0) return { word: 'Terminating', turn: 'mesh', since, reason: 'its deletion is being carried out' };
  const turn = answeredBy === 'provider' ? 'provider' : 'consumer';
  return { word: 'Terminating', turn, since, reason: `its deletion waits for ${strange.slice(0, 3).join(', ')}` };
}

function sinceOf({ condition }: Verdict, { metadata }: KubeObject): string | null {
  return textOf(condition?.lastTransitionTime) ?? metadata.creationTimestamp ?? null;
}

const sentenceMax = 400;

function sentence({ condition, message }: Verdict, otherwise: string): string {
  const said = message ?? (textOf(condition?.message) || textOf(condition?.reason)) ?? otherwise;
  const line = (said || otherwise).replaceAll(/\s+/g, ' ').trim();
  return line.length > sentenceMax ? `${line.slice(0, sentenceMax - 1).toWellFormed()}…` : line;
}

/** What stands in a status may be anything where a schema does not say what. */
const textOf = (value: Condition[keyof Condition]): string | undefined => (typeof value === 'string' ? value : undefined);
