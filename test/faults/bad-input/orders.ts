import type { JsonObject } from '#kube';
import { gadget, gadgetGroup, gadgetsOf } from '../gadgets.ts';
import { clumsy, posted, type Cause, type Row } from './row.ts';

const violations: readonly (readonly [spec: JsonObject, ...Cause])[] = [
  [{}, 'FieldValueRequired', 'spec.size', 'Required value'],
  [
    { size: 'small', color: 7 },
    'FieldValueTypeInvalid',
    'spec.color',
    'Invalid value: "integer": spec.color in body must be of type string: "integer"',
  ],
  [{ size: 'vast' }, 'FieldValueNotSupported', 'spec.size', 'Unsupported value: "vast": supported values: "small", "large"'],
  [
    { size: 'small', count: 0 },
    'FieldValueInvalid',
    'spec.count',
    'Invalid value: 0: spec.count in body should be greater than or equal to 1',
  ],
  [
    { size: 'small', count: 10 },
    'FieldValueInvalid',
    'spec.count',
    'Invalid value: 10: spec.count in body should be less than or equal to 9',
  ],
  [{ size: 'small', code: 'A1' }, 'FieldValueInvalid', 'spec.code', `Invalid value: "A1": spec.code in body should match '^[a-z]+$'`],
  [{ size: 'small', code: 'toolong' }, 'FieldValueTooLong', 'spec.code', 'Too long: may not be more than 5 bytes'],
  [
    { size: 'small', since: 'yesterday' },
    'FieldValueTypeInvalid',
    'spec.since',
    'Invalid value: "yesterday": spec.since in body must be of type date-time: "yesterday"',
  ],
  [{ size: 'small', parts: ['a', 'b', 'c'] }, 'FieldValueTooMany', 'spec.parts', 'Too many: 3: must have at most 2 items'],
  [{ size: 'small', tags: ['a', 'a'] }, 'FieldValueDuplicate', 'spec.tags[1]', 'Duplicate value: "a"'],
  [
    { size: 'small', ports: [{ name: 'a' }, { name: 'a' }] },
    'FieldValueDuplicate',
    'spec.ports[1]',
    'Duplicate value: map[string]interface {}{"name":"a"}',
  ],
  [{ size: 'small', ports: [{}] }, 'FieldValueRequired', 'spec.ports[0].name', 'Required value'],
];

const accountIn = (workspace: string, name: string): Row['send'] => [
  'POST',
  `/clusters/${workspace}/apis/core.platform-mesh.io/v1alpha1/accounts`,
  { body: { apiVersion: 'core.platform-mesh.io/v1alpha1', kind: 'Account', metadata: { name }, spec: { type: 'org' } } },
];
/** Kinds of the mesh that mean nothing without a spec. */
const withoutSpec: readonly Row[] = (
  [
    ['apis.kcp.io/v1alpha2', 'apibindings', 'APIBinding'],
    ['apis.kcp.io/v1alpha1', 'apiresourceschemas', 'APIResourceSchema'],
  ] as const
).flatMap(([apiVersion, plural, kind]) =>
  [{}, { spec: null }].map((rest) => ({
    title: `${kind} ${JSON.stringify(rest)}`,
    send: [
      'POST',
      `/clusters/${clumsy}/apis/${apiVersion}/${plural}`,
      { body: { apiVersion, kind, metadata: { name: 'v1.bare.demo.test' }, ...rest } },
    ],
    code: 422,
    reason: 'Invalid',
    message: /spec: Required value/,
    causes: [['FieldValueRequired', 'spec', 'Required value']] as const,
  })),
);
const tooShort: Cause = [
  'FieldValueInvalid',
  'metadata.name',
  'Invalid value: "ab": the name of an organisation has at least 3 characters',
];
const misplaced: Cause = ['FieldValueInvalid', 'spec.type', 'Invalid value: "org": an organisation lives in root:orgs'];

/** Orders that the schema, or the rules of their kind, do not allow. */
export const wrongOrders: readonly Row[] = [
  ...withoutSpec,
  ...violations.map(([spec, ...cause]) => ({
    title: JSON.stringify(spec),
    send: posted(gadget('wrong', spec)),
    code: 422,
    reason: 'Invalid',
    message: `Gadget.${gadgetGroup} "wrong" is invalid: ${cause[1]}: ${cause[2]}`,
    causes: [cause],
  })),
  {
    title: 'two at once are both told',
    send: posted(gadget('wrong', { size: 'vast', count: 0 })),
    code: 422,
    reason: 'Invalid',
    message: /is invalid: \[spec\.size: .*, spec\.count: .*\]$/,
    causes: [
      ['FieldValueNotSupported', 'spec.size', 'Unsupported value: "vast": supported values: "small", "large"'],
      ['FieldValueInvalid', 'spec.count', 'Invalid value: 0: spec.count in body should be greater than or equal to 1'],
    ],
  },
  {
    title: 'unknown and doubled fields, when asked to be strict',
    send: [
      'POST',
      `${gadgetsOf(clumsy)}?fieldValidation=Strict`,
      {
        body: `{"apiVersion":"${gadgetGroup}/v1","kind":"Gadget","metadata":{"name":"s","foo":1},"spec":{"size":"small","size":"large","bogus":1}}`,
      },
    ],
    code: 400,
    reason: 'BadRequest',
    message:
      'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: duplicate field "spec.size", unknown field "metadata.foo", unknown field "spec.bogus"',
  },
  {
    title: 'an organisation with a name of two letters',
    send: accountIn('root:orgs', 'ab'),
    code: 422,
    reason: 'Invalid',
    message: `Account.core.platform-mesh.io "ab" is invalid: ${tooShort[1]}: ${tooShort[2]}`,
    causes: [tooShort],
  },
  {
    title: 'an organisation inside an organisation',
    send: accountIn(clumsy, 'inner'),
    code: 422,
    reason: 'Invalid',
    message: `Account.core.platform-mesh.io "inner" is invalid: ${misplaced[1]}: ${misplaced[2]}`,
    causes: [misplaced],
  },
];
