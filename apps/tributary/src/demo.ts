import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify, styleText } from 'node:util';
import { Stage, type Shown } from './demo/stage.ts';
import { firstJourney, orgs, type Journey } from './demo/steps.ts';

// Plays the first journey against a server that runs: every command as you would type it, and what it prints.

const kubectl = process.env['KUBECTL'] || 'kubectl';
const dataFolder = process.env['TRIBUTARY_DATA'] || '.tributary';
const kubeconfig = resolve(process.argv[2] ?? join(dataFolder, 'admin.kubeconfig'));

try {
  await play();
} catch (failure) {
  console.error(`\n${styleText(['red', 'bold'], 'The demo stopped:')} ${failure instanceof Error ? failure.message : String(failure)}`);
  process.exitCode = 1;
}

async function play(): Promise<void> {
  if (!existsSync(kubeconfig)) throw new Error(`there is no ${kubeconfig}; start the server first: npm start`);
  const stage = await Stage.open({ kubectl, kubeconfig, url: await serverUrl(), show: print });
  const journey: Journey = { urls: new Map() };
  try {
    await removeLeftovers(stage);
    console.log(`\nexport KUBECONFIG=${kubeconfig}`);
    for (const [index, { title, explanation, run }] of firstJourney.entries()) {
      console.log(`\n${styleText(['bold', 'cyan'], `${index + 1}. ${title}`)}\n${styleText('dim', explanation)}`);
      await run(stage, journey);
    }
    console.log(`\n${styleText(['bold', 'green'], `All ${firstJourney.length} steps went as they should.`)}`);
  } finally {
    await stage.close();
  }
}

async function serverUrl(): Promise<string> {
  const words = ['--kubeconfig', kubeconfig, 'config', 'view', '--minify', '--output=jsonpath={.clusters[0].cluster.server}'];
  const { stdout } = await promisify(execFile)(kubectl, words).catch((cause: unknown) => {
    throw new Error(`${kubectl} cannot be run; install kubectl 1.29 or newer, or name one: KUBECTL=/path/to/kubectl npm run demo`, {
      cause,
    });
  });
  return new URL(stdout).origin;
}

/** An earlier demo may have been stopped halfway. */
async function removeLeftovers(stage: Stage): Promise<void> {
  const found = await stage.kubectl(orgs, ['get', 'accounts', '--field-selector=metadata.name=acme', '--output=name']);
  if (found === '') return;
  console.log('\nAn earlier demo has left something behind: it goes first.');
  await stage.kubectl(orgs, ['delete', 'account', 'acme', '--timeout=60s']);
}

function print(shown: Shown): void {
  switch (shown.type) {
    case 'command':
      console.log(`\n${styleText('green', '$')} ${styleText('bold', shown.text)}`);
      if (shown.input !== undefined) console.log(styleText('dim', shown.input.trimEnd().replaceAll(/^/gm, '    ')));
      break;
    case 'output':
      if (shown.text !== '') console.log(shown.text.trimEnd());
      break;
  }
}
