import { gadget, gadgetGroup, gadgetsOf } from '../gadgets.ts';
import { clumsy, posted, type Row } from './row.ts';

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const gadgets = gadgetsOf(clumsy);

/** Names that are not, are not allowed, or do not agree. */
export const wrongNames: readonly Row[] = [
  {
    title: 'another kind than the URL names',
    send: posted({ ...gadget('a'), kind: 'Widget' }),
    code: 422,
    reason: 'Invalid',
    message: `Widget.${gadgetGroup} "a" is invalid: kind: Invalid value: "Widget": must be Gadget`,
    causes: [['FieldValueInvalid', 'kind', 'Invalid value: "Widget": must be Gadget']],
  },
  {
    title: 'another version than the URL names',
    send: posted({ ...gadget('a'), apiVersion: `${gadgetGroup}/v2` }),
    code: 400,
    reason: 'BadRequest',
    message: `the API version in the data (${gadgetGroup}/v2) does not match the expected API version (${gadgetGroup}/v1)`,
  },
  {
    title: 'another namespace than the URL names',
    send: posted({ ...gadget('a'), metadata: { name: 'a', namespace: 'other' } }),
    code: 400,
    reason: 'BadRequest',
    message: 'the namespace of the provided object does not match the namespace sent on the request',
  },
  {
    title: 'another name than the URL names',
    send: ['PUT', `${gadgets}/kept`, { body: { ...gadget('b'), metadata: { name: 'b', resourceVersion: '1' } } }],
    code: 400,
    reason: 'BadRequest',
    message: 'the name of the object (b) does not match the name on the URL (kept)',
  },
  {
    title: 'a name with wrong characters',
    send: posted(gadget('B_ad')),
    code: 422,
    reason: 'Invalid',
    message: `Gadget.${gadgetGroup} "B_ad" is invalid: metadata.name: Invalid value: "B_ad": ${subdomain}`,
    causes: [['FieldValueInvalid', 'metadata.name', `Invalid value: "B_ad": ${subdomain}`]],
  },
  {
    title: 'no name',
    send: posted({ ...gadget(''), metadata: {} }),
    code: 422,
    reason: 'Invalid',
    message: `Gadget.${gadgetGroup} "" is invalid: metadata.name: Required value: name or generateName is required`,
    causes: [['FieldValueRequired', 'metadata.name', 'Required value: name or generateName is required']],
  },
  {
    title: 'a namespace that is not there',
    send: ['POST', gadgets.replace('/default/', '/elsewhere/'), { body: gadget('a') }],
    code: 404,
    reason: 'NotFound',
    message: 'namespaces "elsewhere" not found',
  },
  {
    title: 'an object that is not there',
    send: ['GET', `${gadgets}/nobody`],
    code: 404,
    reason: 'NotFound',
    message: `gadgets.${gadgetGroup} "nobody" not found`,
  },
  {
    title: 'an object that is there already',
    send: posted(gadget('kept')),
    code: 409,
    reason: 'AlreadyExists',
    message: `gadgets.${gadgetGroup} "kept" already exists`,
  },
  {
    title: 'no name in the URL of an update',
    send: ['PUT', gadgets, { body: gadget('kept') }],
    code: 400,
    reason: 'BadRequest',
    message: 'name must be provided',
  },
  {
    title: 'a subresource that is not there',
    send: ['GET', `${gadgets}/kept/scale`],
    code: 404,
    reason: 'NotFound',
    message: `gadgets.${gadgetGroup} "kept" not found`,
  },
  {
    title: 'a verb that a kind does not have',
    send: ['POST', `/clusters/${clumsy}/apis/marketplace.platform-mesh.io/v1alpha1/marketplaceentries`, { body: {} }],
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
  },
  {
    title: 'a workspace that is not there',
    send: ['GET', gadgetsOf('root:orgs:nowhere')],
    code: 404,
    reason: 'NotFound',
    message: 'workspace "root:orgs:nowhere" not found',
  },
  {
    title: 'the default namespace, deleted',
    send: ['DELETE', `/clusters/${clumsy}/api/v1/namespaces/default`],
    code: 403,
    reason: 'Forbidden',
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  },
];
