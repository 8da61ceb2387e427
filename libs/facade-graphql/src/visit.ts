import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessAttributes, Authorization, Credential, Identity } from '#access';
import type { StatusFailure } from '#kube';
import type { Author, Workspace } from '#workspace';

/**
 * One request by somebody who may discover what the workspace serves. Whoever stands at the door has made sure of that, and answers what only
 * they know.
 */
export type Visit = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly auditId: string;
  readonly identity: Identity;
  readonly workspace: Workspace;
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
  readonly author: (fieldManager: string) => Author;
  readonly readBody: () => Promise<ReadBody>;
  /** Sends a whole answer, unless the time was up before. */
  readonly send: (written: Written) => void;
  /** Begins an answer that goes on, piece by piece. */
  readonly stream: (headers: Readonly<Record<string, string>>) => Outlet;
  /** Calls back when the server is about to stop: what goes on is to end, so that its client goes elsewhere. */
  readonly whenDraining: (end: () => void) => void;
  /** Has it written together with what all others have to write. */
  readonly writeSoon: (stream: { flush(): void }) => void;
  /** Answers with a Status. */
  readonly refuse: (status: StatusFailure) => void;
  /** For the audit log, where one is kept. */
  readonly note: (noted: { readonly annotations?: Readonly<Record<string, string>>; readonly requestObject?: unknown }) => void;
};

export type ReadBody =
  | { readonly type: 'read'; readonly bytes: Buffer }
  | { readonly type: 'refused'; readonly status: StatusFailure }
  | { readonly type: 'aborted' };

export type Outlet = {
  readonly isOpen: boolean;
  /** What the client has not taken yet. */
  readonly unreadBytes: number;
  /** Pieces in their order, which many get at once, and which wait for nobody. */
  broadcast(pieces: readonly Buffer[]): void;
  drained(): Promise<void>;
  end(): void;
  /** Breaks the connection off. */
  drop(): void;
};

export type Written = { readonly code: number; readonly text: string; readonly headers: Readonly<Record<string, string>> };

/** A request to go on as WebSocket. */
export type Upgrade = { readonly accept: () => Socket | undefined };

/** What is needed of a WebSocket. */
export type Socket = {
  readonly protocol: string;
  readonly bufferedAmount: number;
  readonly OPEN: number;
  readonly readyState: number;
  send(text: string | Buffer, options: { readonly binary: boolean }, sent?: (failure?: Error) => void): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  on(event: 'message', listener: (bytes: Buffer) => void): unknown;
  once(event: 'close', listener: (code: number, reason: Buffer) => void): unknown;
};

/** Somebody who says only within the WebSocket who they are. */
export type Stranger = {
  readonly upgrade: Upgrade;
  readonly response: ServerResponse;
  readonly admit: (authorization: string) => Promise<Visit | StatusFailure>;
};
