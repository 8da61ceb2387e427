import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const project = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(project, file), 'utf8');

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
};

/** What the code declares, by name. */
function declared(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of globSync('libs/*/src/**/*.ts', { cwd: project }).filter((name) => !name.endsWith('.spec.ts')))
    for (const [, type = '', name = ''] of read(file).matchAll(/\b(counter|gauge|histogram)\(\{\s*name: '([a-z0-9_]+)'/g))
      found.set(name, type);
  return found;
}

function documented(): Map<string, string> {
  const rows = read('docs/operations/metrics.md').matchAll(/^\| `([a-z0-9_]+)` +\| (counter|gauge|histogram) +\|/gm);
  return new Map([...rows].map(([, name = '', type = '']) => [name, type]));
}

const rules = (
  parse(read('docs/operations/alerts.yaml')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] }
).groups.flatMap((group) => group.rules);

it('documents every metric that there is, as what it is, and no other', () => {
  const sorted = (names: ReadonlyMap<string, string>): readonly (readonly [string, string])[] => [...names].sort();
  expect(sorted(documented())).toEqual(sorted(declared()));
  expect(documented().size).toBeGreaterThan(15);
});

it('names by unit: durations in seconds, counts as totals', () => {
  for (const [name, type] of declared()) {
    if (type === 'counter') expect(name).toMatch(/_total$/);
    else expect(name).not.toMatch(/_total$|_(ms|milliseconds|kb)$/);
  }
});

it.each(rules.map((rule) => [rule.alert, rule] as const))(
  '%s asks for metrics that there are, and has its page',
  (alert, { expr, annotations, labels }) => {
    const known = declared();
    const asked = [...expr.matchAll(/\b((?:tributary|apiserver)_[a-z0-9_]+)/g)].map(([, name = '']) => name);
    for (const name of asked) {
      const base = name.replace(/_(bucket|sum|count)$/, '');
      expect([name, known.get(base)]).toEqual([name, base === name ? expect.stringMatching(/counter|gauge/) : 'histogram']);
    }
    expect(asked.length + Number(expr.startsWith('up{'))).toBeGreaterThan(0);
    expect(annotations.runbook_url).toBe(`docs/operations/runbook.md#${alert.toLowerCase()}`);
    expect(['page', 'ticket']).toContain(labels.severity);
  },
);

it('has a section for each alert and no other, each with its four parts', () => {
  const [, ...sections] = read('docs/operations/runbook.md').split(/^## /m);
  expect(sections.map((section) => section.split('\n')[0])).toEqual(rules.map(({ alert }) => alert));
  for (const section of sections)
    expect([...section.matchAll(/^\*\*(\w+)\.\*\*/gm)].map(([, part]) => part)).toEqual(['Meaning', 'Impact', 'Diagnosis', 'Action']);
});
