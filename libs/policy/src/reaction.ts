import type { EventAuthor } from '#account';
import type { House } from '#workspace';

/** What an event asks for. Doing it twice does it once; it throws only when it must be tried again. */
export type Reaction = (house: House) => Promise<void>;

/** Carries on with everything that is being deleted in a workspace. */
export type Sweep = (cluster: string, cause: string) => Promise<void>;

/** Where an event happened, and how events that answer it name it. */
export type Where = { readonly cluster: string; readonly cause: string };

export const policyAuthor = (house: House, cause: string): EventAuthor => ({
  user: 'system:tributary',
  userAgent: 'tributary',
  fieldManager: 'tributary',
  at: house.now(),
  cause,
});
