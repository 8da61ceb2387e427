import { accept, type Decision } from '#stream';
import type { AccountState } from '../account-state.ts';
import type { AccountEvent, EventAuthor } from '../events.ts';

/** The account is to be deleted: nothing new is taken from here on. */
export function closeWorkspace(by: EventAuthor, account: AccountState): Decision<AccountEvent, never> {
  return account.phase === 'open' ? accept({ type: 'WorkspaceClosing', by }) : accept();
}

/** The workspace is empty: it is gone. Accepts nothing while anything is left. */
export function finishClosing(by: EventAuthor, account: AccountState): Decision<AccountEvent, never> {
  const empty = account.phase === 'closing' && account.resources().every((resource) => account.list(resource).length === 0);
  return empty ? accept({ type: 'WorkspaceClosed', by }) : accept();
}
