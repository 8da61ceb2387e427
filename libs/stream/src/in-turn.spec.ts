import { describe, expect, it } from 'vitest';
import { inTurn } from './in-turn.ts';

describe('work in turn', () => {
  it('is done one piece after the other, whatever becomes of a piece', async () => {
    const done: string[] = [];
    let running = 0;
    const piece = (name: string, fails: boolean) =>
      new Promise<void>((resolve) => {
        inTurn(async () => {
          expect(++running).toBe(1);
          await Promise.resolve();
          done.push(name);
          running--;
          resolve();
          if (fails) throw new Error('its own affair');
        });
      });
    await Promise.all([piece('first', false), piece('second', true), piece('third', false)]);
    expect(done).toEqual(['first', 'second', 'third']);
  });
});
