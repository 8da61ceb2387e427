import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '#access';
import type { StatusFailure } from '#kube';
import type { AuditLevel } from '../audit/audit-level.ts';
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
  /** How long the client waits, from the beginning; what the server allows at most goes for all. */
  timeoutMs: number | undefined;
  /** Who sent it, once that is known. */
  sender: Identity | undefined;
  /** As whom it was answered, where that is somebody else. */
  actingAs: Identity | undefined;
  /** Why it was refused. */
  failure: StatusFailure | undefined;
  readonly audit: Audited;

  constructor({ request, response, path, auditId, audit = unaudited }: Arriving) {
    this.request = request;
    this.response = response;
    this.path = path;
    this.auditId = auditId;
    this.audit = audit;
  }

  /** '' at the bare root. As the URL writes it: a path and a cluster's name count as two. */
  get workspace(): string {
    return this.path.type === 'refused' ? '' : (this.path.workspace ?? '');
  }
}

type Arriving = Pick<InFlight, 'request' | 'response' | 'path' | 'auditId'> & { readonly audit?: Audited };

/** What only the audit log wants to know. */
export type Audited = {
  /** Falls where the request turns out to be about what is never shown. */
  level: AuditLevel;
  /** As it was at the beginning: a connection that has broken off does not know it any more. */
  readonly remoteAddress: string | undefined;
  /** Why it was allowed. */
  reason?: string;
  /** Decoded. */
  requestObject?: unknown;
  /** JSON. */
  responseText?: string;
  /** What others have to say about the request, by names of theirs: `mutation.example.com/round`. */
  annotations?: Record<string, string>;
};

/** Where nobody reads it, nothing is written down. */
const unaudited: Audited = Object.freeze({ level: 'None', remoteAddress: undefined });

export function laneOf({ path, request }: Pick<InFlight, 'path' | 'request'>): LaneName {
  if (path.type === 'resource' && path.verb === 'watch') return 'watching';
  if (path.type === 'path' && path.neighbour !== undefined) return isLasting(request) ? 'watching' : 'reading';
  return request.method === 'GET' || request.method === 'HEAD' ? 'reading' : 'writing';
}

/** Events and WebSockets go on for as long as the client likes. */
function isLasting({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/event-stream') === true || headers.upgrade !== undefined;
}

/** What policies note about a request, for the audit log, where one is kept. */
export function noteAnnotations({ audit }: InFlight, annotations: Readonly<Record<string, string>> | undefined): void {
  if (annotations !== undefined && audit.level !== 'None') audit.annotations = { ...audit.annotations, ...annotations };
}

/** For the audit log, where one is kept. */
export function noteRequestObject({ audit }: InFlight, object: unknown): void {
  if (audit.level !== 'None') audit.requestObject = object;
}
