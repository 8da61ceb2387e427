import { CelError, noSuchOverload, OpaqueValue } from '../values.ts';
import { opaque } from '../types.ts';
import { global, member, type Overload } from './declare.ts';

const [ipType, cidrType] = [opaque('net.IP'), opaque('net.CIDR')];

/** An address as one number: 32 or 128 bits. */
class Ip extends OpaqueValue {
  readonly type = ipType;
  readonly bits: bigint;
  readonly length: 32 | 128;
  constructor(bits: bigint, length: 32 | 128) {
    super();
    this.bits = bits;
    this.length = length;
  }
  equals(other: OpaqueValue): boolean {
    return other instanceof Ip && this.length === other.length && this.bits === other.bits;
  }
  override get costSize(): number {
    return this.length / 8;
  }
}

class Cidr extends OpaqueValue {
  readonly type = cidrType;
  readonly address: Ip;
  readonly prefix: number;
  constructor(address: Ip, prefix: number) {
    super();
    this.address = address;
    this.prefix = prefix;
  }
  equals(other: OpaqueValue): boolean {
    return other instanceof Cidr && this.prefix === other.prefix && this.address.equals(other.address);
  }
  override get costSize(): number {
    return Math.ceil(this.prefix / 8);
  }
}

export const addressFunctions: readonly Overload[] = [
  global('ip', 'string_to_ip', 'string -> ip', ipOrError),
  global('isIP', 'is_ip', 'string -> bool', (text: string) => ipOrError(text) instanceof Ip),
  global('ip.isCanonical', 'ip_is_canonical', 'string -> bool', (text: string) => {
    const ip = ipOrError(text);
    return ip instanceof Ip ? ipText(ip) === text : ip;
  }),
  member('family', 'ip_family', 'ip -> int', ({ length }: Ip) => (length === 32 ? 4n : 6n)),
  member('isUnspecified', 'ip_is_unspecified', 'ip -> bool', ({ bits }: Ip) => bits === 0n),
  member('isLoopback', 'ip_is_loopback', 'ip -> bool', isLoopback),
  member('isLinkLocalMulticast', 'ip_is_link_local_multicast', 'ip -> bool', (ip: Ip) =>
    ip.length === 32 ? ip.bits >> 8n === 0xe00000n : ((ip.bits >> 112n) & 0xff0fn) === 0xff02n,
  ),
  member('isLinkLocalUnicast', 'ip_is_link_local_unicast', 'ip -> bool', isLinkLocal),
  member('isGlobalUnicast', 'ip_is_global_unicast', 'ip -> bool', isGlobal),
  global('string', 'ip_to_string', 'ip -> string', ipText),
  global('cidr', 'string_to_cidr', 'string -> cidr', cidrOrError),
  global('isCIDR', 'is_cidr', 'string -> bool', (text: string) => cidrOrError(text) instanceof Cidr),
  member('containsIP', 'cidr_contains_ip_ip', 'cidr, ip -> bool', containsIp),
  member('containsIP', 'cidr_contains_ip_string', 'cidr, string -> bool', (cidr: Cidr, text: string) => {
    const ip = ipOrError(text);
    return ip instanceof Ip ? containsIp(cidr, ip) : noSuchOverload;
  }),
  member('containsCIDR', 'cidr_contains_cidr', 'cidr, cidr -> bool', containsCidr),
  member('containsCIDR', 'cidr_contains_cidr_string', 'cidr, string -> bool', (cidr: Cidr, text: string) => {
    const other = cidrOrError(text);
    return other instanceof Cidr ? containsCidr(cidr, other) : other;
  }),
  member('ip', 'cidr_ip', 'cidr -> ip', ({ address }: Cidr) => address),
  member('prefixLength', 'cidr_prefix_length', 'cidr -> int', ({ prefix }: Cidr) => BigInt(prefix)),
  member('masked', 'cidr_masked', 'cidr -> cidr', ({ address, prefix }: Cidr) => new Cidr(masked(address, prefix), prefix)),
  global('string', 'cidr_to_string', 'cidr -> string', ({ address, prefix }: Cidr) => `${ipText(address)}/${prefix}`),
];

const isMapped = ({ bits, length }: Ip): boolean => length === 128 && bits >> 32n === 0xffffn;

function ipOrError(text: string): Ip | CelError {
  if (/^[^%]*:[^%]*%./.test(text)) return new CelError(`IP address ${JSON.stringify(text)} with zone value is not allowed`);
  const ip = parseIp(text);
  if (ip === undefined)
    return new CelError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  return isMapped(ip) ? new CelError(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`) : ip;
}

function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) {
    const bits = parseIpv4(text);
    return bits === undefined ? undefined : new Ip(bits, 32);
  }
  const bits = parseIpv6(text);
  return bits === undefined ? undefined : new Ip(bits, 128);
}

/** Leading zeros are refused: some read them as octal. */
function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? parseIpv4(dotted[2] ?? '') : 0n;
  if (tail === undefined) return undefined;
  const whole = dotted ? `${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}` : text;
  const halves = whole.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...rest];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** The canonical text: lower case, the longest run of zero groups (two or more) left out. */
function ipText({ bits, length }: Ip): string {
  if (length === 32) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : '-'))
      .join('')
      .matchAll(/0{2,}/g),
  ];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (best && best[0].length >= run[0].length ? best : run),
    undefined,
  );
  if (!longest) return groups.join(':');
  return `${groups.slice(0, longest.index).join(':')}::${groups.slice(longest.index + longest[0].length).join(':')}`;
}

function cidrOrError(text: string): Cidr | CelError {
  const cidr = parseCidr(text);
  const context = 'network address parse error during conversion from string: ';
  if (cidr === undefined) return new CelError(`${context}${context}netip.ParsePrefix(${JSON.stringify(text)}): ${prefixProblem(text)}`);
  return isMapped(cidr.address) ? new CelError(`${context}IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`) : cidr;
}

function prefixProblem(text: string): string {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return "no '/'";
  const [address, bits] = [parseIp(text.slice(0, slash)), text.slice(slash + 1)];
  if (address === undefined) return 'unable to parse IP';
  return /^(0|[1-9]\d{0,2})$/.test(bits) ? 'prefix length out of range' : `bad bits after slash: ${JSON.stringify(bits)}`;
}

function parseCidr(text: string): Cidr | undefined {
  const [, addressText = '', prefixText = ''] = /^(.*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const address = parseIp(addressText);
  const prefix = Number(prefixText);
  return prefixText === '' || address === undefined || prefix > address.length ? undefined : new Cidr(address, prefix);
}

function masked({ bits, length }: Ip, prefix: number): Ip {
  const free = BigInt(length - prefix);
  return new Ip((bits >> free) << free, length);
}

function containsIp({ address, prefix }: Cidr, ip: Ip): boolean {
  return address.length === ip.length && masked(address, prefix).bits === masked(ip, prefix).bits;
}

function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && containsIp(outer, inner.address);
}

function isLoopback({ bits, length }: Ip): boolean {
  return length === 32 ? bits >> 24n === 127n : bits === 1n;
}

function isLinkLocal({ bits, length }: Ip): boolean {
  return length === 32 ? bits >> 16n === 0xa9fen : bits >> 118n === 0x3fan;
}

function isMulticast({ bits, length }: Ip): boolean {
  return length === 32 ? bits >> 28n === 0xen : bits >> 120n === 0xffn;
}

function isGlobal(ip: Ip): boolean {
  const broadcast = ip.length === 32 && ip.bits === 0xffffffffn;
  return ip.bits !== 0n && !broadcast && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocal(ip);
}
