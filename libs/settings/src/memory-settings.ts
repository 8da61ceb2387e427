import { countOf, secondsOf } from './parse.ts';
import type { Setting } from './setting.ts';

/** How much of what it could read again a process keeps in memory. */
export const memorySettings = {
  accountsLoadedMax: {
    flag: 'max-accounts-loaded',
    env: 'TRIBUTARY_MAX_ACCOUNTS_LOADED',
    placeholder: 'COUNT',
    fallback: '2000',
    parse: countOf,
    description: 'Accounts that stay in memory. Idle ones beyond it go first, and are loaded when they are asked for again.',
  } satisfies Setting<number>,
  accountIdleSeconds: {
    flag: 'account-idle',
    env: 'TRIBUTARY_ACCOUNT_IDLE',
    placeholder: 'SECONDS',
    fallback: '30',
    parse: secondsOf,
    description: 'An account that nobody asks for anything for so long goes from memory.',
  } satisfies Setting<number>,
  recentChangesMegabytes: {
    flag: 'recent-changes',
    env: 'TRIBUTARY_RECENT_CHANGES',
    placeholder: 'MEGABYTES',
    fallback: '24',
    parse: countOf,
    description:
      'So much text of the newest changes stays in memory, over all accounts, for watches that come back. What lies further back is read from the log.',
  } satisfies Setting<number>,
} as const;
