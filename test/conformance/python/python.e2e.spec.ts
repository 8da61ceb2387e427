import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInterruptingFront, type InterruptingFront } from '../../servers/interrupting-front.ts';
import { testPython } from '../../servers/python.ts';
import { bindDemo, openWorkspace, writeKubeconfig } from '../../servers/tributary-workspace.ts';
import { startTributary, type TributaryServer } from '../../servers/tributary.ts';

// The Python client, unmodified: the tests are Python's own, one module of them after the other; here they are only named and told.

const python = await testPython(join(import.meta.dirname, 'requirements.txt'));
if (python.type === 'absent') console.log(`the Python client is not proved: ${python.reason}`);

let server: TributaryServer;
let front: InterruptingFront;
let folder: string;

beforeAll(async () => {
  if (python.type === 'absent') return;
  [server, folder] = await Promise.all([startTributary(), mkdtemp(join(tmpdir(), 'python-'))]);
  front = await startInterruptingFront(server);
});
afterAll(async () => {
  await front?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe.skipIf(python.type === 'absent').each(['typed', 'dynamic', 'watching'])('the Python client, %s', (module) => {
  const source = readFileSync(join(import.meta.dirname, `${module}.py`), 'utf8');
  const names = [...source.matchAll(/^ {4}def (test_\w+)\(self\)/gm)].map(([, name = '']) => name);
  let report = '';

  beforeAll(async () => {
    const workspace = await openWorkspace(server, `python-${module}`);
    await bindDemo(server, workspace);
    const kubeconfig = join(folder, `${module}.kubeconfig`);
    await writeKubeconfig(server, kubeconfig, front.url + workspace);
    report = await reportOf(module, { KUBECONFIG: kubeconfig, FRONT: front.url });
  });

  it.each(names)('%s', (name) => {
    expect([...report.matchAll(/^(test_\w+) \(.*\) \.\.\. ok$/gm)].map(([, passed]) => passed)).toContain(name);
  });

  it('finds no fault', () => expect(report).toMatch(new RegExp(`\nRan ${names.length} tests in [\\d.]+s\n\nOK\n$`)));
});

/** What Python's unittest tells of each test. */
function reportOf(module: string, env: Readonly<Record<string, string>>): Promise<string> {
  if (python.type === 'absent') return Promise.resolve(python.reason);
  const options = { cwd: import.meta.dirname, timeout: 120_000, env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, ...env } };
  return new Promise((resolve) => {
    execFile(join(python.folder, 'python'), ['-B', '-m', 'unittest', '-v', module], options, (_, out, err) => resolve(out + err));
  });
}
