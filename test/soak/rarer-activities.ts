import { untilTrue } from '../servers/tributary-until.ts';
import { anyOf, ask, merge, type Place } from './place.ts';

/** A Secret comes, changes and goes, and its key with it. */
export async function secret(place: Place, serial: number): Promise<void> {
  const secrets = `${anyOf(place.workspaces, serial)}/api/v1/namespaces/default/secrets`;
  const name = `secret-${serial}`;
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { password: `p-${serial}` } };
  await ask(place, `POST ${secrets}`, { body }, [201]);
  await ask(place, `PATCH ${secrets}/${name}`, { body: { stringData: { password: `q-${serial}` } }, contentType: merge }, [200]);
  await ask(place, `GET ${secrets}/${name}`, {}, [200]);
  await ask(place, `DELETE ${secrets}/${name}`, {}, [200]);
}

/** What controllers write every few seconds: a Lease is held, an Event told. */
export async function lease(place: Place, serial: number): Promise<void> {
  const workspace = anyOf(place.workspaces, serial);
  const leases = `${workspace}/apis/coordination.k8s.io/v1/namespaces/default/leases`;
  const name = `lease-${serial % 7}`;
  const spec = { holderIdentity: `soaker-${serial}`, leaseDurationSeconds: 15 };
  const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec };
  await ask(place, `POST ${leases}`, { body }, [201, 409]);
  await ask(place, `PATCH ${leases}/${name}`, { body: { spec }, contentType: merge }, [200]);
  const involvedObject = { kind: 'ConfigMap', namespace: 'default', name: 'map-1' };
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `event-${serial % 211}` },
    involvedObject,
    reason: 'Soaked',
    type: 'Normal',
  };
  await ask(place, `POST ${workspace}/api/v1/namespaces/default/events`, { body: event }, [201, 409]);
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A kind of a consumer's own comes, is used, and goes with its objects. */
export async function define(place: Place, serial: number): Promise<void> {
  const workspace = place.workspaces.at(-1) ?? '';
  const [plural, group] = [`soakers${serial % 50}`, 'soak.example.com'];
  const kind = `Soaker${serial % 50}`;
  const field = { type: 'string', description: `Of the kind's ${serial}th life.` };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { text: field } } } } };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const spec = { group, scope: 'Namespaced', names: { plural, singular: plural.slice(0, -1), kind }, versions };
  const metadata = { name: `${plural}.${group}` };
  const body = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata, spec };
  await ask(place, `POST ${workspace}${definitions}`, { body }, [201]);
  const objects = `${workspace}/apis/${group}/v1/namespaces/default/${plural}`;
  await untilTrue(`${kind} is served`, async () => (await ask(place, `GET ${objects}`, {}, [200, 404])).code === 200);
  const object = { apiVersion: `${group}/v1`, kind, metadata: { name: 'one' }, spec: { text: 'soaked' } };
  await ask(place, `POST ${objects}`, { body: object }, [201]);
  await ask(place, `DELETE ${workspace}${definitions}/${metadata.name}`, {}, [200]);
  const path = `${workspace}${definitions}/${metadata.name}`;
  await untilTrue(`${kind} is gone`, async () => (await ask(place, `GET ${path}`, {}, [200, 404])).code === 404);
}
