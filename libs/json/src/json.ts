/** A whole number that fits 64 bits and is too large for a double to hold exactly is a bigint; every other number is a number. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [field: string]: Json | undefined };
