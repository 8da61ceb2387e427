import { abroad } from '#access';
import { workspaceUnknown } from './failures.ts';
import type { Admitted, Arrived } from './exchange.ts';
import { admit, deniedStatus } from './gate.ts';
import { readBody } from './http/read-body.ts';
import { beginResponse, sendFailure, sendText } from './http/send.ts';
import { noteAnnotations, noteRequestObject } from './in-flight/in-flight.ts';
import type { Turnstile } from './in-flight/turnstile.ts';
import type { Stranger, Visit } from './neighbour.ts';
import { authorOf } from './options/write-options.ts';
import { HttpOutlet } from './watch/watch-outlet.ts';
import { flushes } from './watch/flush-queue.ts';
import type { Upgrade } from './websocket/upgrade.ts';
import type { Workspace } from '#workspace';

type AtNeighbour = Arrived & Omit<Admitted, 'workspace' | 'whyNotCreate'> & { readonly workspace: Workspace };

export function visitOf(admitted: AtNeighbour): Visit {
  const { request, response, options, auditId, inFlight, upgrade, identity, impersonator, workspace } = admitted;
  const { mayStill, untilMs, credential } = admitted;
  return {
    request,
    response,
    auditId,
    identity,
    workspace,
    upgrade,
    mayStill,
    untilMs,
    credential,
    whyNot(asked) {
      const decision = options.authorize(identity, asked, workspace.access());
      return decision.type === 'denied' ? deniedStatus(decision, asked) : undefined;
    },
    judge: (asked) => options.authorize(identity, asked, workspace.access()),
    open: (pathOrCluster) => options.workspaces.open(pathOrCluster),
    mayIn(other, asked) {
      // Whoever acts as somebody else was allowed to in this workspace only: elsewhere, both must have the right.
      const all = impersonator === undefined ? [identity] : [identity, impersonator];
      const isHere = other.cluster === workspace.cluster;
      return all.every((one, index) => {
        if (isHere && index > 0) return true;
        return options.authorize(isHere ? one : abroad(one), asked, other.access()).type === 'allowed';
      });
    },
    author: (fieldManager) => authorOf(admitted, fieldManager),
    readBody: () => readBody(request),
    send: (written) => sendText(admitted, written),
    stream(headers) {
      beginResponse(admitted, 200, headers);
      response.flushHeaders();
      return new HttpOutlet(response);
    },
    whenDraining: (end) => options.drain?.watching(inFlight, end),
    writeSoon: (stream) => flushes.add(stream),
    refuse: (status) => sendFailure(admitted, status),
    note({ annotations, requestObject }) {
      noteAnnotations(inFlight, annotations);
      if (requestObject !== undefined) noteRequestObject(inFlight, requestObject);
    },
  };
}

type Unknown = Arrived & { readonly upgrade: Upgrade; readonly turnstile: Turnstile };

export function strangerOf({ turnstile, ...arrived }: Unknown): Stranger {
  const { request, response, options, inFlight, upgrade } = arrived;
  return {
    upgrade,
    response,
    async admit(authorization) {
      const rawHeaders = [...request.rawHeaders, 'Authorization', authorization];
      const admission = await admit(options, { inFlight, rawHeaders, turnstile });
      if (admission.identity !== inFlight.sender) inFlight.actingAs = admission.identity;
      if (admission.type === 'turnedAway') {
        inFlight.failure ??= admission.status;
        return admission.status;
      }
      if (inFlight.audit.level !== 'None') inFlight.audit.reason = admission.reason;
      const { workspace } = admission;
      if (workspace === undefined) return workspaceUnknown(inFlight.workspace);
      return visitOf({ ...arrived, ...admission, workspace });
    },
  };
}
