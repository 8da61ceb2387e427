import type { GraphQLInputObjectType } from 'graphql';
import type { Refusal } from '#account';
import { type KubeObject, type JsonObject, statusFailure } from '#kube';
import type { Author, DeleteOutcome, WriteOutcome } from '#workspace';
import { attributesOf, badRequest, refused, type Asking, type Target } from '../asking.ts';
import { inputPath } from '../schema/input-json.ts';
import { apiVersionOf, type VersionNames } from '../schema/names.ts';
import { dryRunOf } from '../schema/scalars.ts';

/** What every verb that writes is told beside what it writes. */
export type WriteArguments = {
  readonly namespace?: string | null;
  readonly dryRun?: unknown;
  readonly fieldManager?: string | null;
  readonly fieldValidation?: string | null;
};

/** The parts of a request that are the same for all verbs. @throws GraphQLError */
export function writeRequest({ kind, version }: VersionNames, args: WriteArguments, { visit }: Asking) {
  return {
    kind,
    version: version.name,
    author: authorOf(args.fieldManager ?? '', visit.author),
    dryRun: isDry(args.dryRun),
    fieldValidation: validationOf(args.fieldValidation),
  };
}

const isDry = (dryRun: unknown): boolean => dryRun !== undefined && dryRun !== null && dryRunOf(dryRun);

const managerBytesMax = 128;

function authorOf(manager: string, author: (manager: string) => Author): Author {
  const fault =
    Buffer.byteLength(manager) > managerBytesMax
      ? `Too long: may not be more than ${managerBytesMax} bytes`
      : /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(manager)
        ? `Invalid value: ${JSON.stringify(manager)}: invalid character`
        : undefined;
  if (fault === undefined) return author(manager);
  throw refused(statusFailure('Invalid', `fieldManager: ${fault}`), [{ path: ['fieldManager'], message: fault }]);
}

function validationOf(asked: string | null | undefined): 'Ignore' | 'Warn' | 'Strict' {
  if (asked === undefined || asked === null || asked === '') return 'Warn';
  if (asked === 'Ignore' || asked === 'Warn' || asked === 'Strict') return asked;
  throw badRequest(`fieldValidation is Ignore, Warn or Strict, not ${JSON.stringify(asked)}`);
}

/** The written object, or the refusal in the words of all facades, with the inputs that it is about. @throws GraphQLError */
export function written(outcome: WriteOutcome, deed: Deed): KubeObject {
  deed.asking.warnings.push(...outcome.warnings);
  if (outcome.type === 'refused') throw refusal(outcome.refusal, deed);
  note(deed);
  return outcome.object.object;
}

export function deleted(outcome: DeleteOutcome, deed: Deed): true {
  deed.asking.warnings.push(...(outcome.warnings ?? []));
  if (outcome.type === 'refused') throw refusal(outcome.refusal, deed);
  note(deed);
  return true;
}

/** What is being done to what. */
export type Deed = {
  readonly asking: Asking;
  readonly names: Pick<VersionNames, 'kind'>;
  readonly verb: string;
  readonly target: Target;
  /** What was sent as `object`. Absent: nothing was. */
  readonly input?: GraphQLInputObjectType;
};

/** Faults of single fields are told by where they stand in the input. */
function refusal(refused_: Refusal, { asking, input }: Deed) {
  const status = asking.words.ofRefusal(refused_);
  const causes = status.details?.causes ?? [];
  const fields = causes.flatMap((cause) => {
    if (!('field' in cause) || cause.field === '' || input === undefined) return [];
    return [{ path: ['object', ...inputPath(input, cause.field)], message: cause.message, reason: cause.reason }];
  });
  return refused(status, fields);
}

/** A connection may go on for long: nobody reads a line of thousands. */
const deedsMax = 200;

function note({ asking, names, verb, target: { namespace, name, subresource } }: Deed): void {
  const resource = subresource === undefined ? names.kind.resource : `${names.kind.resource}/${subresource}`;
  if (asking.deeds.length >= deedsMax) return;
  asking.deeds.push(`${verb} ${resource} ${namespace === '' ? name : `${namespace}/${name}`}`);
}

/** An object that says of what kind it is, whether the client did or not. */
export function ofKind(names: VersionNames, object: JsonObject): KubeObject {
  return {
    ...object,
    apiVersion: object['apiVersion'] ?? apiVersionOf(names),
    kind: object['kind'] ?? names.kind.kind,
    metadata: object['metadata'] ?? {},
  } as unknown as KubeObject;
}

/** Why they may not create what an apply or an update names, for where it is not there. */
export function whyNotCreate({ visit }: Asking, { kind }: Pick<VersionNames, 'kind'>, target: Target): () => string | undefined {
  return () => visit.whyNot(attributesOf(kind, 'create', target))?.message;
}
