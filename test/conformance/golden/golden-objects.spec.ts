import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startWidgetServer } from './widget-server.ts';

// Requests that were put to an upstream server one after the other, and its whole answers: objects of a definition are
// created, judged, shown in every form.

type Recorded = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly code: number;
  readonly warnings: readonly string[];
  readonly type: string;
  readonly text: string;
};

const recorded = `\n${readFileSync(new URL('answers-1.txt', import.meta.url), 'utf8')}`
  .split('\n>>> ')
  .slice(1)
  .map((text): Recorded => {
    const [request = '', ...lines] = text.split('\n');
    const [, method = '', path = '', rest = ''] = /^(\S+) (\S+) ?(.*)$/s.exec(request) ?? [];
    const [, name = '', value = ''] = /-H ([^:]+): (.*?)(?: -d .*)?$/s.exec(rest.trim()) ?? [];
    const shown = (prefix: string): string[] => lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
    return {
      method,
      path,
      headers: name === '' ? {} : { [name.toLowerCase()]: value },
      body: / ?-d (.*)$/s.exec(rest)?.[1]?.trim(),
      code: Number(/HTTP\/2 (\d+)/.exec(text)?.[1]),
      warnings: shown('  h: warning: '),
      type: shown('  h: content-type: ')[0] ?? '',
      text: lines.filter((line) => !/^( {2}h: |HTTP\/2 |===)/.test(line)).join('\n'),
    };
  })
  // One answer did not arrive, and one was a Status in protobuf, which we answer in JSON.
  .filter(({ code, type }) => !Number.isNaN(code) && !type.endsWith('protobuf'));

let server: Awaited<ReturnType<typeof startWidgetServer>>;
beforeAll(async () => {
  server = await startWidgetServer();
});
afterAll(() => server.stop());

describe('what upstream answered', () => {
  it('was recorded', () => expect(recorded.length).toBeGreaterThan(25));

  it.each(recorded.map((row) => [row.method, row.path, JSON.stringify(row.headers), row.body ?? '', row] as const))(
    '%s %s %s %.100s',
    async (_, __, ___, ____, row) => {
      const response = await server.ask(row.method, row.path, row.headers, row.body);
      const text = await response.text();
      const warnings = (response.headers.get('warning') ?? '').split(/, (?=299 - )/).filter((warning) => warning !== '');
      const answer = read(row.text, row.type);
      expect({
        code: response.status,
        warnings,
        type: response.headers.get('content-type'),
        ...(answer === undefined ? {} : { answer: read(text, row.type) }),
      }).toEqual({
        code: row.code,
        warnings: row.warnings.filter((warning) => !ofAnotherVersion.has(warning)),
        type: row.type,
        ...(answer === undefined ? {} : { answer }),
      });
    },
  );
});

/** Upstream tells what a version that is not there would not know. */
const ofAnotherVersion: ReadonlySet<string> = new Set(['299 - "unknown field \\"spec\\""']);

/** Undefined: only the beginning was recorded. */
function read(text: string, type: string): unknown {
  if (type.startsWith('text/plain')) return text.trim();
  if (type.startsWith('application/yaml')) return comparable(parse(text));
  try {
    return comparable(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const ours: ReadonlySet<string> = new Set(['kcp.io/cluster']);

/** Without what is another's on every server: uids, moments, versions, generated names, and the places that the mesh notes. */
function comparable(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return /^(uid|resourceVersion|creationTimestamp|time)$/.test(key) || isGenerated(value, key) ? 'any' : aged(value);
  if (Array.isArray(value)) return value.map((item) => comparable(item));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .map(([name, field]) => [name, comparable(field, name)] as const)
    .filter(([name, field]) => !ours.has(name) && !(name === 'annotations' && Object.keys(field as object).length === 0));
  return Object.fromEntries(fields);
}

const isGenerated = (value: string, key: string): boolean => key === 'name' && /^g-[a-z0-9]{5}$/.test(value);
const aged = (value: string): string => value.replace(/^\d+s$/, 'any');
