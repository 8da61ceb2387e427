import { afterAll, beforeEach, expect, test } from 'vitest';
import { Stage } from '../../apps/tributary/src/demo/stage.ts';
import { firstJourney, shop, type Journey } from '../../apps/tributary/src/demo/steps.ts';
import type { Kubectl } from '../servers/kubectl.ts';
import type { TributaryServer } from '../servers/tributary.ts';

export type JourneyPlace = { readonly server: TributaryServer; readonly kubectl: Kubectl };

/** One test per step that `npm run demo` plays; each step checks what it shows. Steps build on one another, so the first failure ends it. */
export function playFirstJourney(place: () => JourneyPlace): void {
  const journey: Journey = { urls: new Map() };
  const shown: string[] = [];
  let stage: Stage | undefined;
  let brokenBy: string | undefined;

  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => console.error(`${shown.join('\n')}\n--- server ---\n${place().server.logs}`));
  });
  afterAll(async () => stage?.close());

  for (const { title, run } of firstJourney) {
    test(title, async () => {
      if (brokenBy !== undefined) throw new Error(`not played: ${brokenBy} failed`);
      const { server, kubectl } = place();
      stage ??= await Stage.open({
        kubectl: kubectl.program,
        kubeconfig: server.kubeconfig,
        url: server.url,
        show: (piece) => shown.push(piece.type === 'command' ? `$ ${piece.text}` : piece.text),
      });
      brokenBy = title;
      await run(stage, journey);
      brokenBy = undefined;
      if (title === 'What the second shell has seen') await expectNothingMissed(place().server, journey);
    });
  }
}

/** The history, read again from where the second shell began, is what that shell was told as it happened. */
async function expectNothingMissed({ client }: TributaryServer, { watched }: Journey): Promise<void> {
  const { from = '', events = [] } = watched ?? {};
  const path = `/clusters/${shop}/apis/orchestrate.platform-mesh.io/v1alpha1/httpbins`;
  const history = client.watch(path, from);
  const last = events.at(-1)?.object.metadata.resourceVersion;
  await history.until('the last event that the shell saw', (seen) => seen.some(({ object }) => object.metadata.resourceVersion === last));
  history.close();
  const brief = (
    list: readonly {
      readonly type: string;
      readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } };
    }[],
  ) => list.map(({ type, object }) => [type, object.metadata.name, object.metadata.resourceVersion]);
  // The shell's first event tells what stood there already.
  expect(brief(events.slice(1))).toEqual(brief(history.events));
  expect(events[0]).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'web', resourceVersion: from } } });
}
