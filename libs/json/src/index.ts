import './exact-numbers.ts';

export { type Json, type JsonObject } from './json.ts';
export { jsonInteger, mayHoldInt64, parseJson, wholeNumber } from './parse-json.ts';
