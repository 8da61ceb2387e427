import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  AccessAttributes,
  AccessRules,
  AuthenticateInWorkspace,
  Authorization,
  Credential,
  Identity,
  ServiceAccountTokens,
} from '#access';
import type { OpenApiEdition, Representation, ServedKind, ServedVersion, StatusFailure } from '#kube';
import type { Logger } from '#telemetry';
import type { StoredObject, Workspace, Workspaces } from '#workspace';
import type { KubeVersion } from './answers/version.ts';
import type { AuditLevel } from './audit/audit-level.ts';
import type { Drain } from './in-flight/drain.ts';
import type { InFlight } from './in-flight/in-flight.ts';
import type { Limits } from './in-flight/turnstile.ts';
import type { Neighbour } from './neighbour.ts';
import type { BarePath, NeighbourName, ResourcePath } from './request-path.ts';
import type { Upgrade } from './websocket/upgrade.ts';

/** What this facade is made of. Everything is asked at request time, so that tokens, kinds and health may change. */
export type KubeHandlerOptions = {
  readonly workspaces: Workspaces;
  readonly authenticate: AuthenticateInWorkspace;
  /** Whose ServiceAccounts' tokens are given out and reviewed. Absent: none. */
  readonly tokens?: ServiceAccountTokens;
  /** Whose token it is, of those that are good for every workspace. */
  readonly identify?: (token: string) => Identity | undefined;
  readonly authorize: (identity: Identity, attributes: AccessAttributes, rules?: AccessRules) => Authorization;
  readonly openApi: OpenApiDocuments;
  readonly version: KubeVersion;
  readonly readiness: Readiness;
  /** `host:port` as clients reach it; legacy discovery names it. */
  readonly serverAddress: string;
  /** How much is served at a time; what is absent is as in `defaultLimits`. */
  readonly limits?: Partial<Limits>;
  readonly audit?: AuditLog;
  /** How the server stops. Absent: it just stops. */
  readonly drain?: Drain;
  readonly logger?: Logger;
  /** Other facades that answer behind this one's gate. What is absent is not found. */
  readonly neighbours?: { readonly [Name in NeighbourName]?: Neighbour };
};

/** Where one line per request goes: to memory, from where it is written. */
export type AuditLog = {
  readonly level: AuditLevel;
  /** False where the line is lost. */
  readonly write: (line: string) => boolean;
};

/** The documents are put together, kept and hashed by this facade. */
export type OpenApiDocuments = { readonly v3: OpenApiEdition; readonly v2: OpenApiEdition; readonly v2Protobuf: OpenApiEdition };

/** Whether this process should get requests, by named checks. Asked for each probe: answer from memory. */
export type Readiness = { readonly checks: () => readonly ReadinessCheck[] };
export type ReadinessCheck = {
  /** Lower-case, a path segment: `log`, `kafka`. */
  readonly name: string;
  readonly healthy: boolean;
  /** An unhealthy check that is not required is shown, but leaves the process ready. */
  readonly required: boolean;
  /** Why it is not healthy. Public: no addresses, no names. */
  readonly message?: string;
};

/** One request, of which nobody knows yet whether it may be answered. */
export type Arrived = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly options: KubeHandlerOptions;
  readonly auditId: string;
  readonly inFlight: InFlight;
  /** Set where the client wants to go on as WebSocket. What does not stream answers as to any other request. */
  readonly upgrade: Upgrade | undefined;
};

/** Who may do what they ask, where, and for how long. */
export type Admitted = {
  readonly identity: Identity;
  /** Who sent the request, where that is somebody else than `identity`. */
  readonly impersonator: Identity | undefined;
  /** The workspace that the path names; undefined at the bare root, where there is none, and for what is public. */
  readonly workspace: Workspace | undefined;
  /** Whether the request would still be allowed: what goes on for long asks again. */
  readonly mayStill: () => boolean;
  /** When what proves who asks ends, in milliseconds since 1970. Undefined: it does not. */
  readonly untilMs: number | undefined;
  /** What proves who asks, where it may be taken back before. */
  readonly credential: Credential | undefined;
  /** Why whoever asks may not create what the path names, as a whole sentence. Undefined: they may. */
  readonly whyNotCreate: () => string | undefined;
};

/** One request, known to be allowed. */
export type Exchange<Path = BarePath | ResourcePath> = Arrived & Admitted & { readonly path: Path };

/** A request for a kind that the workspace serves, in a form that can be served. */
export type ResourceExchange = Exchange<ResourcePath> & {
  readonly workspace: Workspace;
  readonly kind: ServedKind;
  readonly version: ServedVersion;
  readonly representation: Representation;
};

/** What is sent as it is: pieces that stand one after the other. */
export type Body = { readonly pieces: readonly Uint8Array[]; readonly length: number };

/** What a verb answers; `send` writes it. */
export type Answer =
  | { readonly type: 'failure'; readonly status: StatusFailure; readonly warnings?: readonly string[] }
  /** One object, shown as the request asked. */
  | { readonly type: 'object'; readonly code: 200 | 201; readonly object: StoredObject; readonly warnings: readonly string[] }
  /** Any other JSON document. */
  | { readonly type: 'document'; readonly code: number; readonly document: unknown; readonly warnings?: readonly string[] }
  | { readonly type: 'text'; readonly code: number; readonly text: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly type: 'bytes'; readonly code: number; readonly body: Body; readonly headers: Readonly<Record<string, string>> }
  /** Has been, or is being, written by the verb itself. */
  | { readonly type: 'streamed' };

export const failure = (status: StatusFailure, warnings: readonly string[] = []): Answer => ({ type: 'failure', status, warnings });

/** The form in which upstream answers what no route knows: not a Status. */
export const pageNotFound: Answer = {
  type: 'text',
  code: 404,
  text: '404 page not found\n',
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
};
