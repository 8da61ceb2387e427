import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '#access';
import type { StatusFailure } from '#kube';
import type { RequestPath } from '../request-path.ts';

/** Reads, writes and watches are counted apart, so that one kind of load leaves room for the others. */
export type LaneName = 'reading' | 'writing' | 'watching';

/** One request, from its arrival until its answer is on its way or given up. What is counted, limited and recorded about it stands here. */
export class InFlight {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: RequestPath;
  readonly auditId: string;
  /** Of `performance.now()`. */
  readonly beganMs = performance.now();
  /** Where it is counted, once it is let in. */
  lane: LaneName | undefined;
  /** Who sent it, once that is known. */
  sender: Identity | undefined;
  /** As whom it was answered, where that is somebody else. */
  actingAs: Identity | undefined;
  /** Why it was refused. */
  failure: StatusFailure | undefined;

  constructor({ request, response, path, auditId }: Pick<InFlight, 'request' | 'response' | 'path' | 'auditId'>) {
    this.request = request;
    this.response = response;
    this.path = path;
    this.auditId = auditId;
  }

  /** '' at the bare root. As the URL writes it: a path and a cluster's name count as two. */
  get workspace(): string {
    return this.path.type === 'refused' ? '' : (this.path.workspace ?? '');
  }
}

export function laneOf({ path, request }: Pick<InFlight, 'path' | 'request'>): LaneName {
  if (path.type === 'resource' && path.verb === 'watch') return 'watching';
  return request.method === 'GET' || request.method === 'HEAD' ? 'reading' : 'writing';
}
