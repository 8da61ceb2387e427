/** `problem` completes the sentence that begins with the setting's name: `TRIBUTARY_LISTEN must be …`. It never repeats a secret. */
export type Parsed<Value> = { readonly type: 'parsed'; readonly value: Value } | { readonly type: 'wrong'; readonly problem: string };

/** `port` 0 lets the system choose one. */
export type ListenAddress = { readonly host: string; readonly port: number };

const parsed = <Value>(value: Value): Parsed<Value> => ({ type: 'parsed', value });
const wrong = (problem: string): Parsed<never> => ({ type: 'wrong', problem });

export function listenAddress(text: string): Parsed<ListenAddress> {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65535)
    return wrong(`must be HOST:PORT, such as 127.0.0.1:6443 or [::1]:6443, not ${JSON.stringify(text)}`);
  return parsed({ host, port: Number(port) });
}

/** A port alone is on this machine only. */
export const localAddress = (text: string): Parsed<ListenAddress> => listenAddress(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text);

export function url(text: string): Parsed<string> {
  const address = URL.parse(text);
  if (address?.protocol !== 'https:') return wrong(`must be an https:// URL, not ${JSON.stringify(text)}`);
  if (address.username !== '' || address.password !== '' || address.search !== '' || address.hash !== '')
    return wrong('must not carry a user, a query or a fragment');
  return parsed(text.replace(/\/+$/, ''));
}

/** The text may hold a password, so that it is not repeated. */
export function postgresUrl(text: string): Parsed<string> {
  const address = URL.parse(text);
  if (address?.protocol !== 'postgres:' && address?.protocol !== 'postgresql:') return wrong('must be a URL that begins with postgres://');
  return parsed(text);
}

/** The text may hold a password, so that it is not repeated. What it says in detail is for the log's adapter to read. */
export function eventStoreUrl(text: string): Parsed<string> {
  if (!/^(esdb|kurrentdb|kdb)(\+discover)?:\/\/[^\s]+$/.test(text))
    return wrong('must be a connection string such as esdb://user:password@host:2113?tls=true');
  return parsed(text);
}

export function brokers(text: string): Parsed<readonly string[]> {
  const list = text.split(',').map((broker) => broker.trim());
  const bad = list.find((broker) => listenAddress(broker).type === 'wrong' || /:0*$/.test(broker));
  if (bad !== undefined) return wrong(`must be HOST:PORT,HOST:PORT,…; ${JSON.stringify(bad)} is not`);
  return parsed(list);
}

/** The characters that Kafka takes in a topic name; dots and underscores may not be mixed in metrics, so no underscore. */
export function topicPrefix(text: string): Parsed<string> {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9.-]{0,63}$/.test(text))
    return wrong(`must be 1 to 64 letters, digits, dots or dashes, not ${JSON.stringify(text)}`);
  return parsed(text);
}

export function countOf(text: string): Parsed<number> {
  return /^[1-9]\d{0,6}$/.test(text)
    ? parsed(Number(text))
    : wrong(`must be a whole number from 1 to 9999999, not ${JSON.stringify(text)}`);
}

export function secondsOf(text: string): Parsed<number> {
  return /^\d{1,4}(\.\d{1,3})?$/.test(text) && Number(text) <= 3_600
    ? parsed(Number(text))
    : wrong(`must be a number of seconds from 0 to 3600, not ${JSON.stringify(text)}`);
}

export function onOff(text: string): Parsed<boolean> {
  if (/^(on|true|yes|1)$/i.test(text)) return parsed(true);
  if (/^(off|false|no|0)$/i.test(text)) return parsed(false);
  return wrong(`must be on or off, not ${JSON.stringify(text)}`);
}

export function oneOf<Word extends string>(words: readonly Word[]): (text: string) => Parsed<Word> {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    return word === undefined ? wrong(`must be one of ${words.join(', ')}, not ${JSON.stringify(text)}`) : parsed(word);
  };
}

export function logPosition(text: string): Parsed<bigint> {
  return /^\d{1,19}$/.test(text)
    ? parsed(BigInt(text))
    : wrong(`must be a position of the log, a whole number, not ${JSON.stringify(text)}`);
}

/** RFC 3339, in UTC or with an offset. */
export function instant(text: string): Parsed<Date> {
  const moment = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(moment.getTime()))
    return wrong(`must be a time such as 2026-11-23T10:00:00Z, not ${JSON.stringify(text)}`);
  return parsed(moment);
}
