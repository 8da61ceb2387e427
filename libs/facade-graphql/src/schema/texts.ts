import { GraphQLList, GraphQLNonNull, GraphQLString } from 'graphql';

// What many fields and arguments are, made once.

/** A text that is always there. */
export const someText = new GraphQLNonNull(GraphQLString);
/** The same as a field: `{ ...text, description: '…' }`. */
export const text = { type: someText };
/** Texts without gaps. */
export const someTexts = new GraphQLList(someText);
