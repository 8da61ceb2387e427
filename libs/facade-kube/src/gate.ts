import {
  impersonate,
  mayEnter,
  type AccessAttributes,
  type AuthenticationRefusal,
  type Authorization,
  type Credential,
  type Identity,
  type Impersonation,
  type ServiceAccountClaim,
} from '#access';
import { statusFailure, type StatusFailure } from '#kube';
import type { Workspace } from '#workspace';
import type { Admitted, KubeHandlerOptions } from './exchange.ts';
import type { InFlight } from './in-flight/in-flight.ts';
import type { Turnstile } from './in-flight/turnstile.ts';
import { detailsOf } from './refusal-to-status.ts';
import type { RequestPath } from './request-path.ts';

export type Admission =
  /** `reason`: why they may. */
  | (Admitted & { readonly type: 'admitted'; readonly reason: string })
  /** `identity`: as whom they were turned away, where it came to that. */
  | { readonly type: 'turnedAway'; readonly status: StatusFailure; readonly identity?: Identity };

type Gate = Pick<KubeHandlerOptions, 'authenticate' | 'authorize' | 'workspaces'>;
export type Asking = { readonly inFlight: InFlight; readonly rawHeaders: readonly string[]; readonly turnstile: Turnstile };

/**
 * Who asks, and whether they may, by the roles and bindings of the workspace that the path names. Whoever may not enter it
 * gets the same words in the same time whether it exists or not.
 */
export async function admit(gate: Gate, { inFlight, rawHeaders, turnstile }: Asking): Promise<Admission> {
  const { path, request } = inFlight;
  const authentication = gate.authenticate(rawHeaders, request.socket.remoteAddress, request.socket);
  if (authentication.type === 'refused') return { type: 'turnedAway', status: refusedStatus(authentication) };
  const { wanted } = authentication;
  const claim = authentication.type === 'claimed' ? authentication.claim : undefined;
  const real = authentication.type === 'claimed' ? authentication.claim.identity : authentication.identity;
  const untilMs = claim ? claim.untilMs : authentication.type === 'identified' ? authentication.untilMs : undefined;
  const credential = authentication.type === 'identified' ? authentication.credential : undefined;
  inFlight.sender = real;
  const asked = attributesOf(path, request.method ?? '');
  // Nothing is looked up for what is public, nor for whoever has not said who they are.
  if (wanted === undefined && isAnsweredUnseen(gate, real, asked))
    return judged(gate, { real, wanted, asked, untilMs, credential }, undefined);
  if (!turnstile.enter(inFlight, real.user)) return { type: 'turnedAway', status: tooManyRequests };
  const began = performance.now();
  const workspace = path.type === 'refused' || path.workspace === undefined ? undefined : await gate.workspaces.open(path.workspace);
  const admission = judged(gate, { real, wanted, asked, claim, untilMs, credential }, workspace);
  const isInside = path.type === 'refused' || path.workspace === undefined || isKnownTo(workspace, real, claim);
  if (!isInside) await nextStep(began);
  return admission;
}

const unauthorized = statusFailure('Unauthorized', 'Unauthorized');
const tooManyRequests = statusFailure('TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds: 1 });

type Question = {
  readonly real: Identity;
  readonly wanted: Impersonation | undefined;
  readonly asked: AccessAttributes;
  /** Set where `real` is who they are only if the workspace says so too. */
  readonly claim?: ServiceAccountClaim | undefined;
  readonly untilMs: number | undefined;
  readonly credential: Credential | undefined;
};

function isKnownTo(workspace: Workspace | undefined, real: Identity, claim: ServiceAccountClaim | undefined): boolean {
  if (claim) return workspace?.vouchesFor(claim) === true;
  return mayEnter(real, workspace?.access());
}

function judged(gate: Gate, question: Question, workspace: Workspace | undefined): Admission {
  const { real, wanted, asked, claim, untilMs, credential } = question;
  if (credential?.holds() === false) return { type: 'turnedAway', status: unauthorized };
  if (claim && workspace?.vouchesFor(claim) !== true) return { type: 'turnedAway', status: unauthorized };
  const rules = workspace?.access();
  const acting = wanted === undefined ? ({ type: 'impersonated', identity: real } as const) : impersonate(real, wanted, rules);
  if (acting.type === 'denied') return { type: 'turnedAway', status: deniedStatus(acting, acting.asked) };
  const decision = gate.authorize(acting.identity, asked, rules);
  if (decision.type === 'denied') return { type: 'turnedAway', status: deniedStatus(decision, asked), identity: acting.identity };
  const mayStill = (): boolean => judged(gate, question, workspace).type === 'admitted';
  const whyNotCreate = (): string | undefined => {
    const creation = gate.authorize(acting.identity, { ...asked, verb: 'create' }, rules);
    return creation.type === 'denied' ? creation.message : undefined;
  };
  const impersonator = wanted === undefined ? undefined : real;
  const { reason } = decision;
  const { identity } = acting;
  return { type: 'admitted', identity, impersonator, workspace, mayStill, untilMs, credential, whyNotCreate, reason };
}

function isAnsweredUnseen({ authorize }: Gate, identity: Identity, asked: AccessAttributes): boolean {
  if ('nonResourcePath' in asked && publicPath.test(asked.nonResourcePath)) return true;
  const decision = authorize(identity, asked);
  return decision.type === 'denied' && decision.status === 'Unauthorized';
}

const publicPath = /^\/(version|livez|readyz|healthz)(\/|$)/;

/** Long enough to find out that there is no such workspace, or to load one that sleeps, in nearly all cases. */
const stepMs = 50;

/** Waits for the next whole step since the beginning: how long a look-up took cannot be told from the answer's time. */
function nextStep(began: number): Promise<void> {
  const passed = performance.now() - began;
  return new Promise((resolve) => setTimeout(resolve, Math.ceil((passed + 1) / stepMs) * stepMs - passed));
}

function refusedStatus({ reason, message, retryAfterSeconds }: AuthenticationRefusal): StatusFailure {
  return statusFailure(reason, message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds });
}

/** How whoever may not hears of it. */
export function deniedStatus({ status, message }: Extract<Authorization, { type: 'denied' }>, attributes: AccessAttributes): StatusFailure {
  if (status === 'Unauthorized') return unauthorized;
  return statusFailure('Forbidden', message, 'nonResourcePath' in attributes ? {} : detailsOf(attributes));
}

function attributesOf(path: RequestPath, method: string): AccessAttributes {
  switch (path.type) {
    case 'refused':
      return { verb: method.toLowerCase(), nonResourcePath: path.path };
    case 'path':
      return { verb: path.verb, nonResourcePath: path.path };
    case 'resource': {
      const { verb, group, resource, subresource, name } = path;
      // A Namespace is in itself, as far as rights are concerned.
      const namespace = path.namespace === '' && group === '' && resource === 'namespaces' ? name : path.namespace;
      const attributes = { verb, group, resource, namespace, name: name === '' ? (path.selectedName ?? '') : name };
      return subresource === '' ? attributes : { ...attributes, subresource };
    }
  }
}
