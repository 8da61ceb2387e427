import type { JsonObject } from '#kube';
import { gadget, gadgetGroup, gadgetsOf } from '../gadgets.ts';
import { clumsy, posted, type Row } from './row.ts';

const gadgets = gadgetsOf(clumsy);
const conflict = `Operation cannot be fulfilled on gadgets.${gadgetGroup} "kept": the object has been modified; please apply your changes to the latest version and try again`;
const patched = (metadata: JsonObject): Row['send'] => [
  'PATCH',
  `${gadgets}/kept`,
  { body: { metadata, spec: { size: 'large' } }, contentType: 'application/merge-patch+json' },
];

/** Versions of the past and of the future, and options that say nothing. */
export const wrongVersions: readonly Row[] = [
  {
    title: 'an update of what has moved',
    send: ['PUT', `${gadgets}/kept`, { body: { ...gadget('kept'), metadata: { name: 'kept', resourceVersion: '1' } } }],
    code: 409,
    reason: 'Conflict',
    message: conflict,
  },
  { title: 'a patch of what has moved', send: patched({ resourceVersion: '1' }), code: 409, reason: 'Conflict', message: conflict },
  {
    title: 'an update without a version',
    send: ['PUT', `${gadgets}/kept`, { body: gadget('kept') }],
    code: 422,
    reason: 'Invalid',
    message: /metadata\.resourceVersion: Invalid value: 0x0: must be specified for an update$/,
    causes: [['FieldValueInvalid', 'metadata.resourceVersion', 'Invalid value: 0x0: must be specified for an update']],
  },
  {
    title: 'a new object with a version',
    send: posted({ ...gadget('a'), metadata: { name: 'a', resourceVersion: '5' } }),
    code: 500,
    reason: '',
    message: 'resourceVersion should not be set on objects to be created',
  },
  {
    title: 'another uid',
    send: patched({ uid: '00000000-0000-4000-8000-000000000000' }),
    code: 422,
    reason: 'Invalid',
    message: /metadata\.uid: Invalid value: "00000000-0000-4000-8000-000000000000": field is immutable$/,
    causes: [['FieldValueInvalid', 'metadata.uid', 'Invalid value: "00000000-0000-4000-8000-000000000000": field is immutable']],
  },
  {
    title: 'a deletion under a version that is past',
    send: ['DELETE', `${gadgets}/kept`, { body: { preconditions: { resourceVersion: '1' } } }],
    code: 409,
    reason: 'Conflict',
    message:
      /the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(\d+\)\. The object might have been modified$/,
  },
  {
    title: 'a list from the future',
    send: ['GET', `${gadgets}?resourceVersion=99999999`],
    code: 504,
    reason: 'Timeout',
    message: /^Timeout: Too large resource version: 99999999, current: \d+$/,
    causes: [['ResourceVersionTooLarge', undefined, 'Too large resource version']],
  },
  {
    title: 'a version that is no number',
    send: ['GET', `${gadgets}?resourceVersion=abc`],
    code: 500,
    reason: '',
    message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
  },
  { title: 'a broken continue token', send: ['GET', `${gadgets}?continue=%21%21`], code: 400, reason: 'BadRequest', message: /continue/ },
  {
    title: 'a broken label selector',
    send: ['GET', `${gadgets}?labelSelector=l%3D%3D%3Dx`],
    code: 400,
    reason: 'BadRequest',
    message: "unable to parse requirement: found '=', expected: identifier",
  },
  {
    title: 'a field that cannot be selected',
    send: ['GET', `${gadgets}?fieldSelector=spec.size%3Dsmall`],
    code: 400,
    reason: 'BadRequest',
    message: 'field label not supported: spec.size',
  },
  {
    title: 'a dry run of another kind',
    send: ['POST', `${gadgets}?dryRun=Foo`, { body: gadget('a') }],
    code: 422,
    reason: 'Invalid',
    message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Foo"}: supported values: "All"',
    causes: [['FieldValueNotSupported', 'dryRun', 'Unsupported value: []string{"Foo"}: supported values: "All"']],
  },
];
