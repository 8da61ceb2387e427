// What fields say of themselves in their extensions, to whoever executes them.

/** Says of a field that it leads to its group's or version's fields. */
export const leads = { leads: true } as const;
/** Says of a field that its resolver asks for nothing but arguments and context. */
export const isVerb = { verb: true } as const;
/** Says of a field that its resolver reads its source, at once, and nothing else. */
export const isPlain = { plain: true } as const;
