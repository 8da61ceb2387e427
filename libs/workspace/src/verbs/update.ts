import type { Change } from '#account';
import type { UpdateRequest, WriteOutcome } from '../workspaces.ts';
import { revise } from './revise.ts';
import type { VerbContext } from './verb-context.ts';

export function update(context: VerbContext, request: UpdateRequest): Promise<WriteOutcome> {
  const change: Change = { type: 'replace', body: request.body };
  return revise(context, request, change, request.duplicateFields);
}
