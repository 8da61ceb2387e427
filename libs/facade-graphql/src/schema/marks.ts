import type { GraphQLFieldConfigArgumentMap } from 'graphql';

// What fields say of themselves in their extensions, to whoever executes them. graphql-js makes a dictionary of its own for each field, unless it is
// given one: these have no prototype, and all fields that say the same share one.

/** Says of a field that it leads to its group's or version's fields. */
export const leads = shared({ leads: true });
/** Says of a field that its resolver asks for nothing but arguments and context. */
export const isVerb = shared({ verb: true });
/** Says of a field that its resolver reads its source, at once, and nothing else. */
export const isPlain = shared({ plain: true });
/** Says nothing. */
export const noMarks = shared({});

/** Arguments that say nothing. */
export function unmarked(args: GraphQLFieldConfigArgumentMap): GraphQLFieldConfigArgumentMap {
  return Object.fromEntries(Object.entries(args).map(([name, argument]) => [name, { ...argument, extensions: noMarks }]));
}

function shared<Marks extends object>(marks: Marks): Readonly<Marks> {
  return Object.freeze(Object.assign(Object.create(null) as object, marks));
}
