import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessAttributes, Authorization, Credential, Identity } from '#access';
import type { StatusFailure } from '#kube';
import type { Author, Workspace } from '#workspace';
import type { ReadBody } from './http/read-body.ts';
import type { Upgrade } from './websocket/upgrade.ts';

/** Answers a request of another protocol: whoever sent it is known, counted and written down as for any other request. */
export type Neighbour = {
  readonly answer: (visit: Visit) => Promise<void>;
  /** Opens a WebSocket for somebody who says only then who they are. Absent: they are turned away. */
  readonly open?: (stranger: Stranger) => void;
  /** What somebody who has shown nothing gets to see all the same. Undefined: they are told to show something. */
  readonly greet?: (request: IncomingMessage) => Written | undefined;
};

export type Written = { readonly code: number; readonly text: string; readonly headers: Readonly<Record<string, string>> };

/** One request to a neighbour, by somebody who may discover what the workspace serves. */
export type Visit = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly auditId: string;
  readonly identity: Identity;
  readonly workspace: Workspace;
  /** Set where the client wants to go on as WebSocket. */
  readonly upgrade: Upgrade | undefined;
  /** Whether they may still come in: what goes on for long asks again. */
  readonly mayStill: () => boolean;
  /** When what proves who asks ends, in milliseconds since 1970. Undefined: it does not. */
  readonly untilMs: number | undefined;
  /** What proves who asks, where it may be taken back before. */
  readonly credential: Credential | undefined;
  /** Why they may not do this, by the present roles and bindings; undefined: they may. */
  readonly whyNot: (asked: AccessAttributes) => StatusFailure | undefined;
  /** The same question, with the reason for a yes. */
  readonly judge: (asked: AccessAttributes) => Authorization;
  /** Finds another workspace, whether they may see it or not. */
  readonly open: (pathOrCluster: string) => Promise<Workspace | undefined>;
  /** Whether they may do this in another workspace: nobody is there who they are at home only. */
  readonly mayIn: (workspace: Workspace, asked: AccessAttributes) => boolean;
  /** Who writes. Without a manager's name it is the User-Agent up to its first slash. */
  readonly author: (fieldManager: string) => Author;
  /** Within the limits of all requests. */
  readonly readBody: () => Promise<ReadBody>;
  readonly send: (written: { readonly code: number; readonly text: string; readonly headers: Readonly<Record<string, string>> }) => void;
  /** Begins an answer that goes on, piece by piece. */
  readonly stream: (headers: Readonly<Record<string, string>>) => Outlet;
  /** Calls back when the server is about to stop: what goes on is to end, so that its client goes elsewhere. */
  readonly whenDraining: (end: () => void) => void;
  /** Has it written together with what all others have to write. */
  readonly writeSoon: (stream: { flush(): void }) => void;
  readonly refuse: (status: StatusFailure) => void;
  /** For the audit log, where one is kept. */
  readonly note: (noted: { readonly annotations?: Readonly<Record<string, string>>; readonly requestObject?: unknown }) => void;
};

/** What is needed of an answer that goes on. */
export type Outlet = {
  readonly isOpen: boolean;
  readonly unreadBytes: number;
  broadcast(pieces: readonly Buffer[]): void;
  drained(): Promise<void>;
  end(): void;
  drop(): void;
};

/** Somebody who has shown nothing yet: browsers can send no header with a WebSocket. */
export type Stranger = {
  readonly upgrade: Upgrade;
  readonly response: ServerResponse;
  /** As a request with this Authorization header would be judged. To be asked once. */
  readonly admit: (authorization: string) => Promise<Visit | StatusFailure>;
};
