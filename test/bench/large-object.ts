import type { JsonObject } from '#kube';

const sections = 29;
const items = 24;

const text = { type: 'string', maxLength: 253 };
const count = { type: 'integer', minimum: 0, maximum: 1_000_000 };
const rule = (rule: string, message: string): JsonObject => ({ rule, message });

const section: JsonObject = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 63, pattern: '^[a-z0-9-]+$' },
    class: { type: 'string', enum: ['small', 'medium', 'large'] },
    replicas: count,
    limit: count,
    enabled: { type: 'boolean' },
    note: text,
    address: { type: 'string', format: 'hostname', maxLength: 253 },
    weight: { type: 'number', minimum: 0, maximum: 1 },
    tags: { type: 'array', maxItems: 8, items: text },
  },
};

/** 300 fields and 10 rules, as a service of some size would describe itself. */
export const largeSchema: JsonObject = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['owner'],
      properties: {
        owner: text,
        ...Object.fromEntries(Array.from({ length: sections }, (_, index) => [`section${index}`, section])),
        items: {
          type: 'array',
          maxItems: 64,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string', maxLength: 63 }, image: text, port: count, mode: text, note: text, size: count },
          },
        },
      },
      'x-kubernetes-validations': [
        rule('self.section0.replicas <= self.section0.limit', 'more than the limit'),
        rule('self.section1.replicas <= self.section1.limit', 'more than the limit'),
        rule("self.section2.name.startsWith('section')", 'named by its place'),
        rule("self.section3.class != 'large' || self.section3.replicas > 0", 'large is never empty'),
        rule('!has(self.section4.tags) || self.section4.tags.size() <= 4', 'too many tags'),
        rule('!has(self.section5.weight) || self.section5.weight < 0.9', 'too heavy'),
        rule("self.owner.matches('^team-[a-z]+$')", 'owned by a team'),
        rule('self.items.all(item, item.port > 1024)', 'no privileged ports'),
        rule("self.items.exists(item, item.name == 'item-0')", 'item-0 leads'),
        rule('self.items.map(item, item.size).sum() < 1000000', 'too large together'),
      ],
    },
  },
};

/** About 5 KB of it. `turn` changes some of its values. */
export function largeObject(name: string, turn: number): JsonObject {
  const filled = Array.from({ length: 12 }, (_, index) => [
    `section${index}`,
    {
      name: `section-${index}`,
      class: 'medium',
      replicas: index + (turn % 7),
      limit: 100,
      enabled: true,
      note: `kept for the team of section ${index}`,
      address: `host-${index}.example.org`,
      weight: 0.25,
      tags: ['blue', `zone-${index}`],
    },
  ]);
  return {
    apiVersion: 'bench.tributary.io/v1',
    kind: 'Large',
    metadata: { name, namespace: 'default', labels: { 'app.kubernetes.io/name': 'bench', turn: `t-${turn % 5}` } },
    spec: {
      owner: 'team-checkout',
      ...Object.fromEntries(filled),
      items: Array.from({ length: items }, (_, index) => ({
        name: `item-${index}`,
        image: `registry.example.org/team/image-${index}:${turn % 9}`,
        port: 8_000 + index,
        mode: 'shared',
        size: 10 + index,
      })),
    },
  };
}
