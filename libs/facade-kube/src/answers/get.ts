import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import { readResourceVersion, tooLargeResourceVersion } from '../options/list-options.ts';
import { notFound } from '../refusal-to-status.ts';

/** GET of an object, or of it by its status: both show the whole object. */
export async function answerGet({ workspace, kind, version, path }: ResourceExchange): Promise<Answer> {
  const { namespace, name, query } = path;
  const asked = query.size === 0 ? noVersion : readResourceVersion(query.get('resourceVersion') ?? '');
  if (asked.type === 'invalid') return failure(asked.status);
  const object = await workspace.get({ kind, version: version.name, namespace, name });
  // Asked only now: reading has caught up with what other processes may have written.
  const current = asked.value === undefined ? undefined : await workspace.positionOf(kind);
  if (asked.value !== undefined && current !== undefined && asked.value > current)
    return failure(tooLargeResourceVersion(asked.value, current).status);
  if (object === undefined) return failure(notFound({ group: kind.group, resource: kind.resource, name }));
  return { type: 'object', code: 200, object, warnings: [] };
}

const noVersion = { type: 'valid', value: undefined } as const;
