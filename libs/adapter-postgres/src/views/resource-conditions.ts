import type { LabelRequirement } from '#kube';
import { wordsOf, type KindInCluster, type ResourceQuery } from '#projection';

/** Collects the values of a statement; each becomes a numbered parameter. */
export class Parameters {
  readonly values: unknown[] = [];

  /** `$1::text`. The character 0, which PostgreSQL takes nowhere, becomes one that is found nowhere. */
  add(value: string | readonly string[], type: string): string {
    this.values.push(typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value.map((each) => each.replaceAll('\0', '\ufffd')));
    return `$${this.values.length}::${type}`;
  }
}

/** What has to hold for a row `r`, as SQL. Values are parameters, always. */
export function conditionsOf(query: ResourceQuery, parameters: Parameters): string {
  const conditions: string[] = [];
  if (query.clusters !== 'all') conditions.push(scopeCondition(query.clusters, query.kinds ?? [], parameters));
  for (const column of ['group', 'resource', 'namespace', 'name', 'uid', 'creator'] as const) {
    const wanted = query[column];
    if (wanted !== undefined) conditions.push(`r."${column}" = ${parameters.add(wanted, 'text')}`);
  }
  for (const column of ['health', 'turn', 'ready'] as const) {
    const wanted = query[column];
    if (wanted !== undefined) conditions.push(`r.${column} = ANY(${parameters.add(wanted, 'text[]')})`);
  }
  if (query.owner !== undefined) conditions.push(`${parameters.add(query.owner, 'text')} = ANY(r.owners)`);
  for (const requirement of query.labels ?? []) conditions.push(labelCondition(requirement, parameters));
  // Words hold letters and digits only, so that they mean nothing else in a tsquery.
  const words = query.text === undefined ? [] : wordsOf(query.text);
  if (words.length > 0) conditions.push(`r.words @@ ${parameters.add(words.map((word) => `'${word}':*`).join(' & '), 'tsquery')}`);
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

function scopeCondition(clusters: readonly string[], kinds: readonly KindInCluster[], parameters: Parameters): string {
  const whole = `r.cluster = ANY(${parameters.add(clusters, 'text[]')})`;
  if (kinds.length === 0) return whole;
  const columns = (['cluster', 'group', 'resource'] as const).map((column) =>
    parameters.add(
      kinds.map((kind) => kind[column]),
      'text[]',
    ),
  );
  return `(${whole} OR (r.cluster, r."group", r.resource) IN (SELECT * FROM unnest(${columns.join()})))`;
}

function labelCondition({ key, operator, values }: LabelRequirement, parameters: Parameters): string {
  const has = (): string => `r.labels ? ${parameters.add(key, 'text')}`;
  const value = (): string => `r.labels ->> ${parameters.add(key, 'text')}`;
  switch (operator) {
    case 'exists':
      return has();
    case '!':
      return `NOT ${has()}`;
    case '=':
    case '==':
    case 'in':
      return values.length === 1
        ? `r.labels @> ${parameters.add(JSON.stringify({ [key]: values[0] }), 'jsonb')}`
        : `(${has()} AND ${value()} = ANY(${parameters.add(values, 'text[]')}))`;
    case '!=':
    case 'notin':
      return `coalesce(${value()} <> ALL(${parameters.add(values, 'text[]')}), true)`;
    case 'gt':
    case 'lt':
      return `CASE WHEN ${value()} ~ '^-?[0-9]{1,19}$' THEN (${value()})::numeric ${operator === 'gt' ? '>' : '<'} ${parameters.add(values[0] ?? '0', 'numeric')} ELSE false END`;
  }
}
