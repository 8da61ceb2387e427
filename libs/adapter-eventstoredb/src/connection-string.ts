import { readFileSync } from 'node:fs';
import type { ChannelCredentialOptions, Credentials, EndPoint } from '@eventstore/db-client';

/** Where the server is and how it is spoken to: what the client is made of. */
export type Connection = {
  /** One: a node, or with `discover` the name of a cluster. Several: nodes that are asked who leads. */
  readonly endpoints: readonly EndPoint[];
  readonly discover: boolean;
  readonly channel: ChannelCredentialOptions;
  readonly user?: Credentials;
  readonly keepAlive: { readonly keepAliveInterval?: number; readonly keepAliveTimeout?: number };
};

const form =
  /^(?:esdb|kurrentdb|kdb)(?<discover>\+discover)?:\/\/(?:(?<name>[^:@/?]+):(?<password>[^@]*)@)?(?<hosts>[^/?@]+)\/?(?:\?(?<query>.*))?$/;

/**
 * Reads a connection string of EventStoreDB or KurrentDB. The client's own reader prints what it does not understand, password
 * included; this one repeats nothing of it.
 * @throws RangeError that names the part which is wrong; what `fs` throws for a certificate that cannot be read
 */
export function parseConnectionString(text: string): Connection {
  const parts = form.exec(text.trim())?.groups;
  if (!parts) throw new RangeError('the connection string must have the form esdb://user:password@host:2113?tls=true');
  const options = optionsIn(parts['query'] ?? '');
  const endpoints = (parts['hosts'] ?? '').split(',').map(endpointOf);
  const interval = options.get('keepaliveinterval');
  const timeout = options.get('keepalivetimeout');
  const { name, password } = parts;
  return {
    endpoints,
    discover: parts['discover'] !== undefined,
    channel: channelOf(options),
    ...(name && password !== undefined ? { user: { username: decodeURIComponent(name), password: decodeURIComponent(password) } } : {}),
    keepAlive: {
      ...(interval === undefined ? {} : { keepAliveInterval: numberIn('keepAliveInterval', interval) }),
      ...(timeout === undefined ? {} : { keepAliveTimeout: numberIn('keepAliveTimeout', timeout) }),
    },
  };
}

/** What may be said, and which answers are taken: others would make reads lie or appends guess. Undefined: any. */
const known: Readonly<Record<string, readonly string[] | undefined>> = {
  tls: ['true', 'false'],
  tlscafile: undefined,
  usercertfile: undefined,
  userkeyfile: undefined,
  keepaliveinterval: undefined,
  keepalivetimeout: undefined,
  tlsverifycert: ['true'],
  nodepreference: ['leader'],
  throwonappendfailure: ['true'],
};

function optionsIn(query: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const key = name.toLowerCase();
    if (!Object.hasOwn(known, key))
      throw new RangeError(`the connection string has an option that is not known here: ${JSON.stringify(name)}`);
    const values = known[key];
    if (values && !values.includes(value)) throw new RangeError(`the connection string's ${name} must be ${values.join(' or ')}`);
    options.set(key, value);
  }
  return options;
}

function endpointOf(host: string): EndPoint {
  const [, address, port = '2113'] = /^([^:]+)(?::(\d{1,5}))?$/.exec(host) ?? [];
  if (address === undefined || Number(port) > 65_535)
    throw new RangeError(`the connection string's ${JSON.stringify(host)} must be HOST:PORT`);
  return { address, port: Number(port) };
}

function channelOf(options: ReadonlyMap<string, string>): ChannelCredentialOptions {
  if (options.get('tls') === 'false') return { insecure: true };
  const [ca, certificate, key] = ['tlscafile', 'usercertfile', 'userkeyfile'].map((name) => options.get(name));
  if ((certificate === undefined) !== (key === undefined))
    throw new RangeError("the connection string's userCertFile and userKeyFile belong together");
  return {
    insecure: false,
    ...(ca === undefined ? {} : { rootCertificate: readFileSync(ca) }),
    ...(certificate === undefined || key === undefined ? {} : { userCertFile: readFileSync(certificate), userKeyFile: readFileSync(key) }),
  };
}

function numberIn(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`the connection string's ${name} must be a number of milliseconds`);
  return Number(text);
}
