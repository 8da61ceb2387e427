import { access } from './commands/access.ts';
import { applying } from './commands/applying.ts';
import { binding } from './commands/binding.ts';
import { changing } from './commands/changing.ts';
import { creating } from './commands/creating.ts';
import { deleting } from './commands/deleting.ts';
import { following } from './commands/following.ts';
import { lookingAround } from './commands/looking-around.ts';
import { reading } from './commands/reading.ts';
import { defining } from './commands/defining.ts';
import { secrets } from './commands/secrets.ts';
import type { Step } from './step.ts';

/** `core` ones are played on every kubectl, the others on the oldest, the newest and one between them. */
export type Chapter = { readonly title: string; readonly core: boolean; readonly steps: readonly Step[] };

/** All that is typed, in this order: later commands find what earlier ones have left. */
export const battery: readonly Chapter[] = [
  { title: 'looking around', core: true, steps: lookingAround },
  { title: 'creating', core: true, steps: creating },
  { title: 'reading', core: false, steps: reading },
  { title: 'applying', core: true, steps: applying },
  { title: 'changing', core: false, steps: changing },
  { title: 'access', core: false, steps: access },
  { title: 'following', core: true, steps: following },
  { title: 'a provider’s kind', core: false, steps: binding },
  { title: 'secrets', core: true, steps: secrets },
  { title: 'defining', core: false, steps: defining },
  { title: 'deleting', core: true, steps: deleting },
];
