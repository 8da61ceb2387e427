// Preloaded into a server, as `collecting.ts` says: at SIGUSR2 it collects garbage and writes what is left, in bytes, to COLLECTED_FILE.
import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const file = process.env['COLLECTED_FILE'];
if (file !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  let collections = 0;
  const report = async (): Promise<void> => {
    // What is only weakly held goes with the second, once the first has said so.
    collect();
    await nextTurn();
    collect();
    await nextTurn();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(file, JSON.stringify({ collections: ++collections, bytes: heapUsed + external }));
  };
  process.on('SIGUSR2', () => void report());
}
