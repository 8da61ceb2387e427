import {
  GraphQLBoolean,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
} from 'graphql';
import type { KubeVerb } from '#kube';
import { inTurn, type Asking } from '../asking.ts';
import { resolveApply, type ApplyArguments } from '../resolve/apply.ts';
import { resolveApplyYaml, type ApplyYamlArguments } from '../resolve/apply-yaml.ts';
import { resolveCreate, type CreateArguments } from '../resolve/create.ts';
import { resolveDelete, type DeleteArguments } from '../resolve/delete.ts';
import { resolveUpdate, type UpdateArguments } from '../resolve/update.ts';
import { inNamespace, nameArgument } from './arguments.ts';
import type { KindTypes } from './kind-types.ts';
import { isVerb, unmarked } from './marks.ts';
import type { VersionNames } from './names.ts';
import { dryRun, jsonString } from './scalars.ts';
import { text } from './texts.ts';

type Fields = GraphQLFieldConfigMap<unknown, Asking>;

const writing: GraphQLFieldConfigArgumentMap = unmarked({
  dryRun: { type: dryRun, description: 'Only try: true or ["All"]' },
  fieldManager: { type: GraphQLString, description: 'Who comes to own the fields; otherwise as the User-Agent says' },
  fieldValidation: { type: GraphQLString, description: 'What becomes of unknown fields: Ignore, Warn or Strict' },
});
const { fieldValidation: _, ...deleting } = writing;

const force: GraphQLFieldConfigArgumentMap = unmarked({ force: { type: GraphQLBoolean, description: 'Take fields that others own' } });

const orItsName: GraphQLFieldConfigArgumentMap = unmarked({
  name: { type: GraphQLString, description: 'The name of the object; otherwise as its metadata says' },
});

const onlyOf: GraphQLFieldConfigArgumentMap = unmarked({
  resourceVersion: { type: GraphQLString, description: 'Only while the object is still at this version; 409 otherwise' },
});

/** The fields of one version of a kind in mutations. */
export function mutationFields(names: VersionNames, { object, input }: KindTypes): Fields {
  const { kind, version, fields } = names;
  const said = version.deprecationWarning === undefined ? {} : { deprecationReason: version.deprecationWarning };
  const placed = inNamespace(kind);
  const sent: GraphQLFieldConfigArgumentMap = unmarked({
    object: { type: new GraphQLNonNull(input), description: 'What is to be written' },
  });
  const can = (verb: KubeVerb): boolean => kind.verbs.includes(verb);
  const changed = { ...nameArgument, ...placed, ...sent, ...writing };
  return {
    ...(can('create') && {
      [`create${fields.one}`]: {
        type: object,
        args: { ...placed, ...sent, ...writing },
        description: `Creates one of the ${kind.resource}`,
        ...said,
        extensions: isVerb,
        resolve: (_, args, asking) => inTurn(asking, () => resolveCreate(names, input, args as CreateArguments, asking)),
      },
    }),
    ...(can('patch') && {
      [`update${fields.one}`]: {
        type: object,
        args: { ...changed, ...onlyOf },
        description: 'Changes what is named; null takes it away (a JSON merge patch)',
        ...said,
        extensions: isVerb,
        resolve: (_, args, asking) => inTurn(asking, () => resolveUpdate({ names, input }, args as UpdateArguments, asking)),
      },
      [`apply${fields.one}`]: {
        type: object,
        args: {
          ...changed,
          ...force,
          ...orItsName,
        },
        description: 'Server-side apply: what is named becomes yours, what you no longer name goes',
        ...said,
        extensions: isVerb,
        resolve: (_, args, asking) => inTurn(asking, () => resolveApply(names, input, args as ApplyArguments, asking)),
      },
    }),
    ...(can('patch') &&
      version.statusSubresource && {
        [`update${fields.status}`]: {
          type: object,
          args: { ...changed, ...onlyOf },
          description: 'Changes the status, for those who may (a JSON merge patch)',
          ...said,
          extensions: isVerb,
          resolve: (_, args, asking) =>
            inTurn(asking, () => resolveUpdate({ names, input, subresource: 'status' }, args as UpdateArguments, asking)),
        },
      }),
    ...(can('delete') && {
      [`delete${fields.one}`]: {
        type: GraphQLBoolean,
        args: { ...nameArgument, ...placed, ...deleting, ...deletion },
        description: 'True once it is gone, or waits for whoever still has to agree',
        ...said,
        extensions: isVerb,
        resolve: (_, args, asking) => inTurn(asking, () => resolveDelete(names, args as DeleteArguments, asking)),
      },
    }),
  };
}

const deletion: GraphQLFieldConfigArgumentMap = unmarked({
  propagationPolicy: { type: GraphQLString, description: 'What becomes of its dependents: Foreground, Background or Orphan' },
  uid: { type: GraphQLString, description: 'Only while it is this very object' },
  ...onlyOf,
  gracePeriodSeconds: { type: GraphQLInt, description: 'Taken for the sake of clients: nothing here takes its time to end' },
});

/** What stands beside the groups. */
export function rootMutationFields(all: readonly VersionNames[]): Fields {
  return {
    applyYaml: {
      type: jsonString,
      args: {
        yaml: { ...text, description: 'One document or several' },
        ...force,
        ...writing,
      },
      description:
        'Applies documents: of one, the object; of several, a list of what became of each. A document with a resourceVersion replaces that version.',
      extensions: isVerb,
      resolve: (_, args, asking) => inTurn(asking, () => resolveApplyYaml(all, args as ApplyYamlArguments, asking)),
    },
  };
}
