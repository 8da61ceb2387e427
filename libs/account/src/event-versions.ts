import type { AccountEvent } from './events.ts';

/**
 * The version of each event's written form. Whoever changes a form raises it here, adds the way up from the one before to `upcasters`, and
 * a golden sample beside those of the older versions, which stay for ever: the log does.
 */
export const eventVersions: Readonly<Record<AccountEvent['type'], number>> = {
  WorkspaceOpened: 1,
  ResourceDeclared: 1,
  SpecRevised: 1,
  MetadataRevised: 1,
  StatusReported: 1,
  DeletionRequested: 1,
  ResourceRemoved: 1,
  ApiBound: 1,
  ApiUnbound: 1,
  WorkspaceClosing: 1,
  WorkspaceClosed: 1,
};

/** An event as it stands in the log. `v` is its version, absent where that is 1. `uid`, `key` and `provider` are the same in all versions. */
export type WrittenEvent = { readonly type: string; readonly v?: number; readonly [field: string]: unknown };

/** From one version of an event to the next: the field `v` is not its business. */
export type Upcaster = (event: WrittenEvent) => WrittenEvent;

/** The ways up of each event: the first from version 1 to 2, and so on. */
const upcasters: { readonly [Type in AccountEvent['type']]?: readonly Upcaster[] } = {};

export type Versions = {
  readonly current: Readonly<Record<string, number>>;
  readonly upcasters: Readonly<Record<string, readonly Upcaster[] | undefined>>;
};

/** The event as this release writes it. @throws Error where it is of a release to come */
export function upcast(event: WrittenEvent, { current, upcasters: ways }: Versions = { current: eventVersions, upcasters }): WrittenEvent {
  const version = current[event.type];
  if (event.v === undefined && version === 1) return event;
  const { v = 1, ...first } = event;
  if (version === undefined || v > version)
    throw new Error(`${event.type} of version ${v} stands in the log: it was written by a newer release`);
  return (ways[event.type] ?? []).slice(v - 1).reduce((form, up) => up(form), first as WrittenEvent);
}
