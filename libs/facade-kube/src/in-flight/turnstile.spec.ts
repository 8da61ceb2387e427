import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { anonymous } from '#access';
import { parseRequestPath } from '../request-path.ts';
import { InFlight } from './in-flight.ts';
import { defaultLimits, Turnstile, type Limits } from './turnstile.ts';

const arriving = (user: string, workspace = 'root', method = 'GET', rest = '/api/v1/configmaps') => {
  const path = parseRequestPath(method, `/clusters/${workspace}${rest}`);
  const inFlight = new InFlight({ request: { method } as IncomingMessage, response: {} as ServerResponse, path, auditId: 'a' });
  inFlight.sender = { ...anonymous, user };
  return inFlight;
};

function given(limits: Partial<Limits> = {}) {
  const overdue: InFlight[] = [];
  const turnstile = new Turnstile({
    limits: { ...defaultLimits, readsMax: 12, writesMax: 4, watchesMax: 6, ...limits },
    onOverdue: (one) => overdue.push(one),
  });
  const enter = (inFlight: InFlight): boolean => turnstile.enter(inFlight, inFlight.sender?.user ?? '');
  /** How many more of these are let in. */
  const fill = (make: () => InFlight): InFlight[] => {
    const inside: InFlight[] = [];
    for (let one = make(); enter(one); one = make()) inside.push(one);
    return inside;
  };
  return { turnstile, enter, fill, overdue };
}

describe('the turnstile', () => {
  it('leaves room for a newcomer, however much one user asks for', () => {
    const { fill, turnstile } = given();
    const greedy = fill(() => arriving('greedy', `w${Math.random().toString(36).slice(2)}`));
    expect(greedy).toHaveLength(6);
    const next = fill(() => arriving('next', `w${Math.random().toString(36).slice(2)}`));
    expect(next).toHaveLength(4);
    for (const one of [...greedy, ...next]) turnstile.leave(one);
    expect(fill(() => arriving('next', `w${Math.random().toString(36).slice(2)}`))).toHaveLength(6);
  });

  it('leaves room for other workspaces, whoever asks', () => {
    const { fill } = given();
    expect(fill(() => arriving('greedy', 'busy'))).toHaveLength(6);
    expect(fill(() => arriving(`u${Math.random()}`, 'busy'))).toHaveLength(3);
    expect(fill(() => arriving(`u${Math.random()}`, 'quiet'))).not.toHaveLength(0);
  });

  it('takes no more than there is room for, from however many', () => {
    const { fill, turnstile, enter } = given();
    let count = 0;
    const inside = fill(() => arriving(`u${++count}`, `w${count}`));
    expect(inside).toHaveLength(12);
    const [first] = inside;
    if (first) turnstile.leave(first);
    expect(enter(arriving('last', 'last'))).toBe(true);
    expect(enter(arriving('one-more', 'one-more'))).toBe(false);
  });

  it('counts reads, writes and watches apart', () => {
    const { fill } = given();
    expect(fill(() => arriving('ann'))).toHaveLength(6);
    expect(fill(() => arriving('ann', 'root', 'POST'))).toHaveLength(2);
    expect(fill(() => arriving('ann', 'root', 'GET', '/api/v1/configmaps?watch=1'))).toHaveLength(3);
  });

  it('shows out what takes too long, once, and a watch only until it is open', () => {
    const { enter, overdue, turnstile } = given();
    const read = arriving('ann');
    const write = arriving('ann', 'root', 'POST');
    const watching = (): InFlight => arriving('ann', 'root', 'GET', '/api/v1/configmaps?watch=1');
    const [stuck, watch, socket] = [watching(), watching(), watching()];
    for (const one of [read, write, stuck, watch, socket]) expect(enter(one)).toBe(true);
    Object.assign(watch.response, { headersSent: true });
    Object.assign(socket.response, { statusCode: 101 });
    turnstile.sweep(read.beganMs + 33_000);
    expect(overdue).toEqual([]);
    turnstile.sweep(write.beganMs + 34_001);
    expect(overdue).toEqual([write]);
    turnstile.sweep(watch.beganMs + 1_000_000);
    expect(overdue).toEqual([write, read, stuck]);
    turnstile.sweep(watch.beganMs + 2_000_000);
    expect(overdue).toHaveLength(3);
    for (const one of [read, write, stuck, watch, socket]) turnstile.leave(one);
    turnstile.sweep(performance.now());
  });
});
