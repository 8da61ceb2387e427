import { addressFunctions } from './address.ts';
import { authorizerFunctions } from './authorizer.ts';
import { conversionFunctions } from './conversions.ts';
import { global, type Overload } from './declare.ts';
import { listFunctions } from './lists.ts';
import { operatorFunctions } from './operators.ts';
import { namedFormatFunctions } from './named-format.ts';
import { optionalFunctions } from './optionals.ts';
import { quantityFunctions } from './quantity.ts';
import { regexFunctions } from './regex.ts';
import { semverFunctions } from './semver.ts';
import { stringFunctions } from './strings.ts';
import { timeFunctions } from './time.ts';
import { urlFunctions } from './url.ts';
import { noSuchOverload } from '../values.ts';

const functions: readonly Overload[] = [
  ...operatorFunctions,
  ...conversionFunctions,
  ...stringFunctions,
  ...regexFunctions,
  ...timeFunctions,
  ...listFunctions,
  ...optionalFunctions,
  ...urlFunctions,
  ...quantityFunctions,
  ...addressFunctions,
  ...semverFunctions,
  ...namedFormatFunctions,
  ...authorizerFunctions,
  // What transformMap unfolds to; the fold runs it, not this table.
  global('cel.@mapInsert', 'map_insert_key_value', 'map(K, V), K, V -> map(K, V)', () => noSuchOverload),
  global('cel.@mapInsert', 'map_insert_map', 'map(K, V), map(K, V) -> map(K, V)', () => noSuchOverload),
];

/** Every function a rule can call, by name. */
export const library: ReadonlyMap<string, readonly Overload[]> = Map.groupBy(functions, ({ name }) => name);

/** Functions whose names have a dot: `sets.contains`. They are not methods. */
export const namespaced: ReadonlySet<string> = new Set([...library.keys()].filter((name) => /^\w+\./.test(name)));
