import {
  GraphQLInputObjectType,
  GraphQLObjectType,
  type GraphQLFieldConfigMap,
  type GraphQLFieldMap,
  type GraphQLInputFieldConfigMap,
  type GraphQLInputFieldMap,
} from 'graphql';
import { noMarks } from './marks.ts';

// A schema has thousands of fields, arguments and dictionaries of them, and what is asked for is a few of these. Types last as long as their schema, since
// they are told apart by identity; fields are made when somebody asks for them, and go with the garbage when nobody has them any more.

type Called = { readonly name: string; readonly description?: string };

/** What an object type is made of: says the same each time. */
export type OutputShape<Context> = { output(): GraphQLFieldConfigMap<unknown, Context> };

/** The same of an input type. */
export type InputShape = { input(): GraphQLInputFieldConfigMap };

export class LeanObject<Context> extends GraphQLObjectType<unknown, Context> {
  readonly #shape: OutputShape<Context>;
  #made: WeakRef<GraphQLFieldMap<unknown, Context>> | undefined;

  constructor(called: Called, shape: OutputShape<Context>) {
    super({ ...called, fields: none, extensions: noMarks });
    this.extensionASTNodes = nothing;
    this.#shape = shape;
  }

  override getFields(): GraphQLFieldMap<unknown, Context> {
    const known = this.#made?.deref();
    if (known !== undefined) return known;
    const made = new GraphQLObjectType<unknown, Context>({ name: this.name, fields: this.#shape.output() }).getFields();
    for (const field of Object.values(made)) field.parentType = this;
    this.#made = new WeakRef(made);
    return made;
  }

  override getInterfaces(): readonly [] {
    return nothing;
  }
}

export class LeanInput extends GraphQLInputObjectType {
  readonly #shape: InputShape;
  #made: WeakRef<GraphQLInputFieldMap> | undefined;

  constructor(called: Called, shape: InputShape) {
    super({ ...called, fields: none, extensions: noMarks });
    this.extensionASTNodes = nothing;
    this.#shape = shape;
  }

  override getFields(): GraphQLInputFieldMap {
    const known = this.#made?.deref();
    if (known !== undefined) return known;
    const made = new GraphQLInputObjectType({ name: this.name, fields: this.#shape.input() }).getFields();
    for (const field of Object.values(made)) field.parentType = this;
    this.#made = new WeakRef(made);
    return made;
  }
}

const none = {};
const nothing = [] as const;
