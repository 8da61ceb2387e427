/** What clients make of an answer, without what differs from run to run. */
export type ClientAnswer = {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[] | undefined;
    readonly extensions?: { readonly code?: unknown; readonly fields?: unknown };
  }[];
};

/** `org` is the organisation in which it was asked. */
export function normalised({ data, errors }: ClientAnswer, org: string): unknown {
  const told = errors?.map(({ message, path, extensions }) => ({
    message,
    ...(path === undefined ? {} : { path }),
    ...(extensions?.code === undefined ? {} : { code: extensions.code }),
    ...(extensions?.fields === undefined ? {} : { fields: extensions.fields }),
  }));
  // What a document that is not executed has for data, clients tell in different ways.
  const shown = data === undefined || data === null ? {} : { data: plain(data, '', org) };
  return { ...shown, ...(told === undefined || told.length === 0 ? {} : { errors: plain(told, '', org) }) };
}

const byField: Readonly<Record<string, string>> = {
  resourceVersion: '(version)',
  uid: '(uid)',
  cluster: '(cluster)',
  'kcp.io/cluster': '(cluster)',
  surface: '(surface)',
  cause: '(cause)',
};

function plain(value: unknown, field: string, org: string): unknown {
  if (typeof value === 'string') {
    if (value === '') return value;
    if (field === 'continue') return '(continue)';
    return byField[field] ?? text(value, org);
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, field === 'path' ? '' : field, org));
  if (typeof value !== 'object' || value === null) return value;
  // Clients with a cache ask for the types' names, too.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== '__typename')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, below]) => [name, plain(below, name, org)]),
  );
}

const text = (value: string, org: string): string =>
  value
    .replaceAll(org, '(org)')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '(uid)')
    .replaceAll(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, (time) =>
      time.startsWith('2026-01-02') || time.startsWith('2000') ? time : '(time)',
    )
    .replaceAll(/(resourceVersion\\?"?: ?\\?")\d+/g, '$1(version)')
    .replaceAll(/(kcp\.io\/cluster\\?"?: ?\\?"?)[0-9a-z]{16}/g, '$1(cluster)')
    .replaceAll(/(current: )\d+/g, '$1(version)');

/** Fills in what earlier answers have. */
export function withVariables(
  variables: Readonly<Record<string, unknown>> | undefined,
  answers: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> | undefined {
  if (variables === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      if (typeof value !== 'string' || !value.startsWith('@')) return [name, value];
      const [from = '', ...path] = value.slice(1).split('.');
      const found = path.reduce<unknown>((at, step) => (at as Readonly<Record<string, unknown>>)[step], answers.get(from));
      if (typeof found !== 'string') throw new Error(`${value} stands for nothing`);
      return [name, found];
    }),
  );
}
