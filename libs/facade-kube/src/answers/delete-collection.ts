import type { Refusal } from '#account';
import type { DeleteOutcome, StoredObject } from '#workspace';
import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import { noteAnnotations } from '../in-flight/in-flight.ts';
import { readDeleteOptions, type DeleteOptions } from '../options/delete-options.ts';
import { readListOptions } from '../options/list-options.ts';
import { refusalToStatus } from '../refusal-to-status.ts';
import { deleteRequest } from './delete.ts';
import { selectList, sendList } from './list.ts';
import { aborted } from './outcome.ts';

/** So many deletions are asked for at a time; they share appends to the log. */
const deletionsAtOnce = 64;

/** DELETE of a collection, as far as selectors and limit reach. Answers the objects as they were. */
export async function answerDeleteCollection(exchange: ResourceExchange): Promise<Answer> {
  const selection = readListOptions(exchange);
  if (selection.type === 'invalid') return failure(selection.status);
  const options = await readDeleteOptions(exchange);
  if (options.type === 'aborted') return aborted;
  if (options.type === 'invalid') return failure(options.status);
  const page = await selectList(exchange, selection);
  if (page.type === 'failure') return page;
  const { items, metadata } = page;
  const warnings = new Set<string>();
  for (let at = 0; at < items.length; at += deletionsAtOnce) {
    const outcomes = await deleteAll(exchange, items.slice(at, at + deletionsAtOnce), options);
    for (const outcome of outcomes) for (const warning of outcome.warnings ?? []) warnings.add(warning);
    const refused = outcomes.map(mattering).find((refusal) => refusal !== undefined);
    if (refused) return failure(refusalToStatus(refused), [...warnings]);
  }
  return sendList(exchange, items, { metadata, warnings: [...warnings] });
}

async function deleteAll(
  exchange: ResourceExchange,
  items: readonly StoredObject[],
  options: DeleteOptions,
): Promise<readonly DeleteOutcome[]> {
  const outcomes = await Promise.all(items.map((item) => exchange.workspace.delete(deleteRequest(exchange, item, options))));
  for (const { auditAnnotations } of outcomes) noteAnnotations(exchange.inFlight, auditAnnotations);
  return outcomes;
}

/**
 * The refusal, if it matters. Whoever deleted an object meanwhile did what was asked for; and what the mesh itself puts into a workspace
 * is passed over: upstream deletes such roles, and has them again at its next start.
 */
function mattering(outcome: DeleteOutcome): Refusal | undefined {
  if (outcome.type !== 'refused') return undefined;
  const { type } = outcome.refusal;
  return type === 'ResourceUnknown' || type === 'ObjectGiven' ? undefined : outcome.refusal;
}
