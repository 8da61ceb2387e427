import type { RoleProcess } from '../../servers/tributary-role.ts';
import { killInMidst } from '../kills.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Rounds } from './rounds.ts';

export type KillingOptions = {
  readonly random: SeededRandom;
  /** A round is a kill. */
  readonly rounds: Rounds;
  /** Resolves when so many more writes have been acknowledged, by whoever is up. */
  readonly moreWrites: (count: number) => Promise<void>;
  /** Resolves when it is time to strike. Absent: after some more writes. */
  readonly moment?: () => Promise<void>;
};

/** Kills one of several processes at a time, at random moments: while others go on working, and now and then while it starts. Gives the count. */
export async function killOneAtATime(
  victims: readonly [RoleProcess, ...RoleProcess[]],
  { random, rounds, moreWrites, moment = () => moreWrites(random.between(1, 20)) }: KillingOptions,
): Promise<number> {
  let killed = 0;
  while (rounds.next()) {
    const victim = random.pick(victims);
    await moment();
    const freezes = random.next() < 0.25;
    if (freezes) {
      // It holds answers and connections meanwhile, and may believe that no time has passed when it goes on.
      victim.pause();
      await moreWrites(random.between(1, 10));
      victim.resume();
    }
    await killInMidst(victim, victim.role);
    killed += 1;
    if (random.next() < 0.25 && rounds.next()) {
      victim.launch();
      await new Promise((resolve) => setTimeout(resolve, random.between(50, 800)));
      await killInMidst(victim, victim.role);
      killed += 1;
    }
    await moreWrites(random.between(1, 5));
    await victim.start();
  }
  return killed;
}
