import { expect, it } from 'vitest';
import type { ActorFold } from './actor-fold.ts';
import { decideBatch, type Task } from './decide-batch.ts';
import { accept, type Decision } from './decision.ts';

type Sum = { total: number };

const fold: Pick<ActorFold<Sum, number, number>, 'evolve' | 'fork' | 'encode'> = {
  evolve(state, event) {
    if (Number.isNaN(event)) throw new Error('cannot be added');
    return (state.total += event);
  },
  fork: (state) => ({ ...state }),
  encode(event) {
    if (event < 0) throw new Error('cannot be written');
    return { type: 'Added', data: String(event) };
  },
};

/** What became of tasks that decide so, and what is to be appended. */
function decided(...decisions: readonly (() => Decision<number, never>)[]) {
  const became: string[] = [];
  const tasks = decisions.map((decide): Task<Sum, number> => ({
    decide,
    resolve: ({ type }) => became.push(type),
    reject: (reason) => became.push((reason as Error).message),
  }));
  const { answers, events, committed, fork } = decideBatch(tasks, fold as ActorFold<Sum, number, number>, { total: 1 }, 6n);
  for (const answer of answers) answer();
  return { became, events: events.map(({ data }) => data), revisions: committed.map(({ revision }) => revision), total: fork.total };
}

it('leaves nothing of a decision that cannot be written as a whole; those beside it go on', () => {
  const outcome = decided(
    () => accept(1),
    () => accept(2, -1, 4),
    () => accept(8),
  );
  expect(outcome).toEqual({ became: ['committed', 'cannot be written', 'committed'], events: ['1', '8'], revisions: [7n, 8n], total: 10 });
});

it('appends nothing where the state does not take an event: what it has become meanwhile is not known', () => {
  expect(() =>
    decided(
      () => accept(1),
      () => accept(2, Number.NaN),
    ),
  ).toThrow('cannot be added');
});
