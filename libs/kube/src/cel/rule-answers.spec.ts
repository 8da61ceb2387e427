import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { propertiesOf } from '../schema/structural-bounds.ts';
import { validateStructuralSchema } from '../schema/validate-structural.ts';
import type { StatusCause } from '../status-failure.ts';
import { estimateCost } from './estimate-cost.ts';
import { readRules } from './rule.ts';
import { compileRules } from './rule-tree.ts';
import { schemaType } from './schema-type.ts';
import { ruleViolations } from './validate-rules.ts';

/** Schemas with rules, objects, and what Kubernetes' own code said of them; written by test/conformance/cel-vectors. */
type Case = {
  readonly name: string;
  readonly schema: JsonObject;
  readonly objects: readonly { readonly object: JsonObject; readonly old?: JsonObject }[];
};
type Answer = {
  readonly name: string;
  readonly refused: readonly string[];
  readonly costs: readonly number[] | null;
  readonly objects: readonly (readonly string[])[] | null;
};

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../test/conformance/cel-vectors/${name}`, import.meta.url), 'utf8'));
const cases = read('cases.json') as readonly Case[];
const answers = new Map((read('answers.json') as readonly Answer[]).map((answer) => [answer.name, answer]));

describe('rules, answered as Kubernetes answers', () => {
  it.each(cases.map((each) => [each.name, each] as const))('%s: declared', (name, { schema }) => {
    const causes = validateStructuralSchema(schema, 'spec.validation.openAPIV3Schema');
    expect(texts(causes)).toEqual(answers.get(name)?.refused.map(withoutTypeNames));
  });

  it.each(cases.map((each) => [each.name, each] as const))('%s: estimated', (name, { schema }) => {
    const costs = answers.get(name)?.costs;
    const spec = propertiesOf(schema)['spec'];
    const type = spec && schemaType(spec, false);
    if (!costs || !spec || !type) return;
    const estimates = readRules(spec, type).map(({ compiled }) => (compiled.ok ? estimateCost(compiled.expr, compiled.checked, type) : 0));
    expect(estimates).toEqual(costs);
  });

  it.each(cases.flatMap((each) => each.objects.map((object, index) => [each.name, index, each.schema, object] as const)))(
    '%s: object %i',
    (name, index, schema, { object, old }) => {
      const answer = answers.get(name);
      if (!answer || answer.refused.length > 0) return;
      const tree = compileRules(schema);
      const causes = tree ? ruleViolations(tree, object, old) : [];
      expect(texts(causes)).toEqual(answer.objects?.[index]);
    },
  );
});

function texts(causes: readonly StatusCause[]): readonly string[] {
  return causes.map(({ field, message }) => withoutTypeNames(`${field}: ${message}`)).toSorted();
}

/** Upstream gives objects' types names that differ from time to time. */
function withoutTypeNames(text: string): string {
  return text.replace(/selfType\d+[\w.@]*/g, 'object');
}
