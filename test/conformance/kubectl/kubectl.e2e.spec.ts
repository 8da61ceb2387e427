import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyKubectl, type Kubectl } from '../../servers/kubectl.ts';
import { openWorkspace } from '../../servers/tributary-workspace.ts';
import { startTributary, type TributaryServer } from '../../servers/tributary.ts';
import { battery } from './battery.ts';
import { Player, type Ran } from './player.ts';
import type { Step } from './step.ts';

// Every command of the battery on every kubectl at hand, each in a workspace of its own; what they print is compared, not only how they end.

const kubectls = await everyKubectl();
/** Half of a command's time is spent waiting, so that more play at once than there are processors. */
const playersMax = 3;

type Played = { readonly player: Player; readonly ran: Ran };
type Script = { readonly kubectl: Kubectl; readonly lines: readonly Line[] };
type Line = { readonly title: string; readonly step: Step; readonly played: PromiseWithResolvers<Played> };

const scripts: readonly Script[] = kubectls.map((kubectl) => ({
  kubectl,
  lines: battery.flatMap(({ title, core, steps }) =>
    (core || playsAll(kubectl) ? steps : [])
      .filter((step) => isKnown(step, kubectl))
      .map((step) => ({ title, step, played: Promise.withResolvers<Played>() })),
  ),
}));

let server: TributaryServer;
let folder: string;
let allPlayed: Promise<unknown>;

beforeAll(async () => {
  [server, folder] = await Promise.all([startTributary(), mkdtemp(join(tmpdir(), 'kubectl-battery-'))]);
  // Begun here and told below: versions play side by side, while their tests stand one after the other.
  const waiting = scripts.values();
  allPlayed = Promise.all(Array.from({ length: playersMax }, () => playAll(waiting)));
});
afterAll(async () => {
  await allPlayed;
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

function isKnown({ since = 0, until = Infinity }: Step, { minor }: Kubectl): boolean {
  return since <= minor && minor <= until;
}

function playsAll(kubectl: Kubectl): boolean {
  return [0, Math.floor(kubectls.length / 2), kubectls.length - 1].some((index) => kubectls[index] === kubectl);
}

async function playAll(waiting: Iterator<Script>): Promise<void> {
  for (let next = waiting.next(); next.done !== true; next = waiting.next()) await play(next.value);
}

async function play({ kubectl, lines }: Script): Promise<void> {
  const workspace = await openWorkspace(server, `kubectl-${kubectl.minor}`);
  const player = await Player.open(kubectl, {
    home: join(folder, String(kubectl.minor)),
    kubeconfig: server.kubeconfig,
    server: `${server.url}${workspace}`,
  });
  for (const { step, played } of lines) {
    // Who awaits it is told of a failure; nobody may have got so far yet.
    played.promise.catch(() => undefined);
    await player.play(step).then((ran) => played.resolve({ player, ran }), played.reject);
  }
}

it('finds a kubectl to play with', () => expect(kubectls.length).toBeGreaterThan(0));

describe.each(scripts)('kubectl $kubectl.version', ({ lines }) => {
  it.each(lines)('$title: kubectl $step.run', async ({ step, played }) => {
    const { player, ran } = await played.promise;
    const told = {
      code: step.meanwhile && step.code === undefined ? undefined : (step.code ?? 0),
      out: player.expected(step.out),
      err: player.expected(step.err),
    };
    expect(ran).toEqual({ code: told.code, out: matching(told.out), err: matching(told.err) });
  });
});

const matching = (expected: string | RegExp): unknown => (typeof expected === 'string' ? expected : expect.stringMatching(expected));
