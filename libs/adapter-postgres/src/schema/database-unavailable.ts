import { failureOf } from '../log/outage.ts';

/** The database cannot be opened. The message says where it was looked for, and never with which password. */
export class DatabaseUnavailable extends Error {
  /** Whether it may come by itself: it does not answer, or is starting. What it refuses, it refuses again. */
  readonly mayCome: boolean;

  constructor(url: string, cause: unknown) {
    super(`DATABASE_URL: PostgreSQL at ${placeOf(url)} cannot be used: ${reasonOf(cause)}`, { cause });
    this.name = 'DatabaseUnavailable';
    this.mayCome = failureOf(cause) === 'lost' && (codeOf(cause) !== undefined || /terminated|timeout/i.test(reasonOf(cause)));
  }
}

/** `db:5432/tributary`, or the folder of a socket. */
function placeOf(url: string): string {
  const address = URL.parse(url);
  if (!address) return 'an address that is no URL';
  return `${address.searchParams.get('host') ?? address.host}${address.pathname}`;
}

/** A refused connection to a name with several addresses has no message of its own. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message === '' ? (codeOf(cause) ?? cause.name) : cause.message;
};

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
