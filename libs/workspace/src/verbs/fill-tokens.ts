import { secrets, serviceAccounts } from '../kinds/core-kinds.ts';
import { isTokenFor } from '../kinds/token-secrets.ts';
import type { CreateRequest, PatchRequest, Workspace, WriteOutcome } from '../workspaces.ts';
import type { VerbContext } from './verb-context.ts';

/**
 * A ServiceAccount has come: token Secrets that were there before it are filled before this is answered. Upstream deletes them, so that
 * a manifest with both must have them in the right order; here it need not.
 */
export async function fillTokens(
  { account, ports }: VerbContext,
  { kind, namespace, author, dryRun }: Pick<CreateRequest | PatchRequest, 'kind' | 'namespace' | 'author' | 'dryRun'>,
  outcome: WriteOutcome,
  patch: Workspace['patch'],
): Promise<WriteOutcome> {
  if (kind !== serviceAccounts || !ports.serviceAccounts || dryRun || outcome.type !== 'committed' || !outcome.created) return outcome;
  const waiting = account.state.list('secrets').filter(({ object }) => isTokenFor(object, namespace, outcome.object.name));
  for (const { name } of waiting) {
    const by = { user: 'system:tributary', groups: [], userAgent: 'tributary', fieldManager: 'tributary', cause: author.cause };
    // Whatever is written to it, what is missing is put in.
    const nothing = { type: 'merge', patch: {}, duplicateFields: [] } as const;
    await patch({ kind: secrets, version: 'v1', namespace, name, author: by, dryRun: false, fieldValidation: 'Ignore', patch: nothing });
  }
  return outcome;
}
