import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '#kube';
import { startWidgetServer } from './widget-server.ts';

// Requests that were put to an upstream server one after the other, and what it answered: server-side apply, its
// conflicts and refusals, and the patches that came after.

type Recorded = {
  readonly section: string;
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
  readonly code: number;
  readonly answer: Readonly<Record<string, unknown>>;
  readonly managedFields: readonly unknown[];
};

const recorded = readFileSync(new URL('answers-2.txt', import.meta.url), 'utf8')
  .split('\n== ')
  .flatMap((section) => section.split('\n>>> ').map((text, index, [title = '']) => ({ text, title, isRequest: index > 0 })))
  .filter(({ isRequest }) => isRequest)
  .map(({ text, title }): Recorded => {
    const [request = '', ...lines] = text.split('\n');
    const [, method = '', path = '', contentType = '', body = ''] = /^(\S+) (\S+) (?:Content-Type: (\S+) (.*))?$/.exec(request) ?? [];
    const answer = lines.find((line) => line.startsWith(' {')) ?? '';
    return {
      section: title,
      method,
      path,
      contentType,
      body,
      code: Number(lines[0]),
      answer: JSON.parse(answer) as Recorded['answer'],
      managedFields: lines.filter((line) => line.startsWith('       mf ')).map((line) => JSON.parse(line.slice(10)) as unknown),
    };
  });

let server: Awaited<ReturnType<typeof startWidgetServer>>;
/** The recorded resourceVersions, and ours for them. */
const versions = new Map<unknown, unknown>();
/** Where the order of the entries tells that upstream's clock had moved on by a second. */
const moments = new Set(['m1 drops items/tags', 'patches']);
beforeAll(async () => {
  server = await startWidgetServer();
});
afterAll(() => server.stop());

describe('what upstream answered', () => {
  it('was recorded', () => expect(recorded.length).toBeGreaterThan(30));

  it.each(recorded.map((row) => [row.method, row.path, row.body, row] as const))('%s %s %.80s', async (_, __, ___, row) => {
    if (moments.delete(row.section)) server.tick();
    const { code, json } = await server.send(row.method, row.path, row.contentType || undefined, row.body || undefined);
    if (row.code >= 300) {
      const { status, reason, message, details } = json;
      expect(JSON.parse(JSON.stringify({ code, status, reason, message, details }))).toEqual({ code: row.code, ...once(row.answer) });
      return;
    }
    const { metadata, spec, status } = json as unknown as KubeObject;
    const ours = versions.get(row.answer['rv']) ?? metadata.resourceVersion;
    expect({
      code,
      gen: metadata.generation ?? null,
      spec,
      status: status ?? null,
      managedFields: (metadata.managedFields ?? []).map(shown),
    }).toEqual({
      code: row.code,
      gen: row.answer['gen'],
      spec: row.answer['spec'],
      status: row.answer['status'],
      managedFields: row.managedFields,
    });
    expect(metadata.resourceVersion).toBe(ours);
    expect([...versions].filter(([theirs]) => theirs !== row.answer['rv']).map(([, known]) => known)).not.toContain(ours);
    versions.set(row.answer['rv'], ours);
  });
});

/** Upstream gives some causes twice. */
function once(answer: Recorded['answer']): Recorded['answer'] {
  const { details } = answer as { readonly details?: { readonly causes?: readonly unknown[] } };
  if (details?.causes === undefined) return answer;
  const causes = new Map(details.causes.map((cause) => [JSON.stringify(cause), cause]));
  return { ...answer, details: { ...details, causes: [...causes.values()] } };
}

function shown({ manager, operation, subresource, fieldsV1 }: Readonly<Record<string, unknown>>): unknown {
  return { m: manager, op: operation, ...(subresource === undefined ? {} : { sub: subresource }), f: fieldsV1 };
}
