import {
  getNullableType,
  GraphQLError,
  GraphQLNonNull,
  isListType,
  isNamedType,
  isNonNullType,
  isTypeSubTypeOf,
  Kind,
  typeFromAST,
  type ASTVisitor,
  type GraphQLType,
  type ValidationContext,
  type VariableDefinitionNode,
} from 'graphql';

/**
 * The language's rule that variables fit where they stand, with more types that fit: frontends declare `Boolean` or `[String!]` for what is
 * tried only, and `Int` for whole numbers. https://spec.graphql.org/October2021/#sec-All-Variable-Usages-are-Allowed
 */
export function variablesFit(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: {
      leave(operation) {
        const declared = new Map((operation.variableDefinitions ?? []).map((definition) => [definition.variable.name.value, definition]));
        for (const { node, type, defaultValue } of context.getRecursiveVariableUsages(operation)) {
          const definition = declared.get(node.name.value);
          if (definition === undefined || !type) continue;
          const given = typeFromAST(context.getSchema(), definition.type);
          if (given === undefined || fits(context, definition, { given, wanted: type, hasDefault: defaultValue !== undefined })) continue;
          const message = `Variable "$${node.name.value}" of type "${String(given)}" used in position expecting type "${String(type)}".`;
          context.reportError(new GraphQLError(message, { nodes: [definition, node] }));
        }
      },
    },
  };
}

type Use = { readonly given: GraphQLType; readonly wanted: GraphQLType; readonly hasDefault: boolean };

function fits(context: ValidationContext, { defaultValue }: VariableDefinitionNode, { given, wanted, hasDefault }: Use): boolean {
  const schema = context.getSchema();
  if (isTypeSubTypeOf(schema, given, wanted) || stands(given, wanted)) return true;
  if (!isNonNullType(wanted) || isNonNullType(given)) return false;
  const isNeverNull = hasDefault || (defaultValue !== undefined && defaultValue.kind !== Kind.NULL);
  return isNeverNull && (isTypeSubTypeOf(schema, given, wanted.ofType) || stands(given, wanted.ofType));
}

/** Whether a value of one type may stand for one of the other. */
function stands(given: GraphQLType, wanted: GraphQLType): boolean {
  if (isNonNullType(wanted) && !isNonNullType(given)) return false;
  const [one, other] = [getNullableType(given), getNullableType(wanted)];
  if (isListType(one) && isListType(other)) return stands(one.ofType, other.ofType);
  const forOther = isNamedType(other) ? standIns[other.name] : undefined;
  return forOther?.includes(String(withoutBangs(one))) === true;
}

const standIns: { readonly [type: string]: readonly string[] } = {
  DryRun: ['Boolean', 'String', '[String]'],
  Int64: ['Int'],
  IntOrString: ['Int', 'Int64', 'String'],
  JSON: ['Boolean', 'Int', 'Int64', 'Float', 'String', 'StringMap_Input'],
};

function withoutBangs(type: GraphQLType): string {
  return String(type instanceof GraphQLNonNull ? type.ofType : type).replace(/!/g, '');
}
