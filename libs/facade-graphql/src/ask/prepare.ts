import { GraphQLError, parse, specifiedRules, validate, VariablesInAllowedPositionRule, visit, type DocumentNode } from 'graphql';
import { badRequest } from '../asking.ts';
import type { SchemaEntry } from '../schema/schema-cache.ts';
import type { PreparedDocument } from './document-cache.ts';
import { limitFault } from './limits.ts';
import { variablesFit } from './variables-fit.ts';

const tokensMax = 20_000;
/** Longer ones are not sent twice. */
const cachedLettersMax = 64 * 1024;
const errorsMax = 20;

/** Reads a document, checks it against the schema and against the limits. What was read once is kept. */
export function prepare(entry: SchemaEntry, text: string): PreparedDocument {
  const known = entry.documents.get(text);
  if (known !== undefined) return known;
  const prepared = read(entry, text);
  if (text.length <= cachedLettersMax) entry.documents.set(text, prepared);
  return prepared;
}

const rules = specifiedRules.map((rule) => (rule === VariablesInAllowedPositionRule ? variablesFit : rule));

function read({ schema }: SchemaEntry, text: string): PreparedDocument {
  const document = parsed(text);
  if (document instanceof GraphQLError) return { type: 'faulty', errors: [document] };
  const fault = limitFault(document);
  if (fault !== undefined) return { type: 'faulty', errors: [badRequest(fault)] };
  const renamed = withOlderNames(document, (name) => schema.getType(name) !== undefined);
  const errors = validate(schema, renamed, rules, { maxErrors: errorsMax });
  return errors.length === 0 ? { type: 'ready', document: renamed } : { type: 'faulty', errors };
}

function parsed(text: string): DocumentNode | GraphQLError {
  try {
    return parse(text, { maxTokens: tokensMax });
  } catch (failure) {
    if (failure instanceof GraphQLError) return failure;
    // What nests thousands deep overflows the stack of whoever reads it.
    if (failure instanceof RangeError) return badRequest('the document nests too deep');
    throw failure;
  }
}

/** Frontends of other servers of this shape declare variables as `AccountInput` and `StringMapInput`, without the underscore. */
function withOlderNames(document: DocumentNode, isKnown: (name: string) => boolean): DocumentNode {
  if (!document.definitions.some((definition) => 'variableDefinitions' in definition && definition.variableDefinitions?.length))
    return document;
  return visit(document, {
    VariableDefinition: (definition) =>
      visit(definition, {
        NamedType(type) {
          const { value } = type.name;
          const present = value.replace(/Input$/, '_Input');
          return value === present || isKnown(value) || !isKnown(present) ? undefined : { ...type, name: { ...type.name, value: present } };
        },
      }),
  });
}
