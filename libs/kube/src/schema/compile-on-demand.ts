import { parseJson } from '#json';
import type { JsonObject } from '../json.ts';
import { compileSchema } from './compile-schema.ts';
import type { CompiledSchema } from './compiled-schema.ts';

/**
 * So many characters of schema text stay compiled, of all that were asked for; in memory they take about fifteen times as
 * much. What was not asked for lately is compiled again when it is.
 */
const compiledCharactersMax = 2 * 1024 * 1024;

/** A schema that is kept as text until it is used. The text has passed validateStructuralSchema. */
export function compileOnDemand(text: string): CompiledSchema {
  const now = (): CompiledSchema => compiled.of(text, schema);
  const schema: CompiledSchema = {
    // Documents are made of the sources of all schemas: that must not compile them.
    get source() {
      return compiled.atHand(schema)?.source ?? (parseJson(text) as JsonObject);
    },
    prune: (object) => now().prune(object),
    default: (object) => now().default(object),
    validate: (object, old) => now().validate(object, old),
    now,
  };
  return schema;
}

/** The least lately used goes first. */
class Compiled {
  readonly #made = new Map<CompiledSchema, { readonly compiled: CompiledSchema; readonly characters: number }>();
  #latest: { readonly schema: CompiledSchema; readonly compiled: CompiledSchema } | undefined;
  #characters = 0;

  atHand(schema: CompiledSchema): CompiledSchema | undefined {
    return this.#made.get(schema)?.compiled;
  }

  of(text: string, schema: CompiledSchema): CompiledSchema {
    if (this.#latest?.schema === schema) return this.#latest.compiled;
    const known = this.#made.get(schema);
    if (known) this.#made.delete(schema);
    const kept = known ?? { compiled: compileSchema(parseJson(text) as JsonObject), characters: text.length };
    this.#made.set(schema, kept);
    this.#latest = { schema, compiled: kept.compiled };
    if (!known) this.#letGo((this.#characters += text.length));
    return kept.compiled;
  }

  #letGo(characters: number): void {
    for (const [schema, kept] of this.#made) {
      if (characters <= compiledCharactersMax || this.#made.size === 1) break;
      this.#made.delete(schema);
      characters -= kept.characters;
    }
    this.#characters = characters;
  }
}

const compiled = new Compiled();
