import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { door, doorSchema, doorsOf, offerDoors } from '../faults/doors.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';

// What a Secret holds is readable through the API, and nowhere else.

let server: TributaryServer;
let kubectl: Kubectl;
let folder: string;

beforeAll(async () => {
  [kubectl, server, folder] = await Promise.all([
    testKubectl(),
    startTributary({ flags: ['--no-demo', '--log-level', 'debug', '--audit-log', '-', '--audit-level', 'RequestResponse'] }),
    mkdtemp(join(tmpdir(), 'secrets-')),
  ]);
});
afterAll(async () => {
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

const run = promisify(execFile);
const workspace = (): string => `${server.url}/clusters/root:orgs`;

/** What kubectl prints, in the workspace of all organisations. @throws with what it complains of */
async function k(...words: readonly string[]): Promise<string> {
  const place = ['--kubeconfig', server.kubeconfig, '--server', workspace(), '--cache-dir', join(folder, 'cache')];
  const { stdout } = await run(kubectl.program, [...place, ...words]);
  return stdout;
}

async function applied(name: string, manifest: string, ...words: readonly string[]): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, manifest);
  return k('apply', '-f', file, ...words);
}

/** Letters that mean nothing, planted where a leak would show them. */
const planted = 'xQ7vPlantedByTheTestZw3';
const forms = [planted, Buffer.from(planted).toString('base64').slice(0, 28), Buffer.from(planted).toString('hex')];

const manifest = (more = ''): string => `apiVersion: v1
kind: Secret
metadata: { name: applied, namespace: default }
stringData: { password: ${planted}${more} }
`;

describe('kubectl', () => {
  it('creates Secrets of every type and shows them', async () => {
    expect(await k('create', 'secret', 'generic', 'made', `--from-literal=password=${planted}`)).toBe('secret/made created\n');
    await k('create', 'secret', 'docker-registry', 'registry', '--docker-username=u', `--docker-password=${planted}`);
    expect(await k('get', 'secrets', '--field-selector', 'type=Opaque')).toMatch(/^NAME +TYPE +DATA +AGE\nmade +Opaque +1 +\d+s\n$/);
    expect(await k('get', 'secret', 'registry', '--no-headers')).toMatch(/^registry +kubernetes\.io\/dockerconfigjson +1 /);
    expect(await k('describe', 'secret', 'made')).toContain(`password:  ${planted.length} bytes`);
    const read = await k('get', 'secret', 'made', '-o', 'jsonpath={.data.password}');
    expect(Buffer.from(read, 'base64').toString()).toBe(planted);
  });

  it('applies them both ways, and patches them', async () => {
    expect(await applied('first', manifest())).toBe('secret/applied created\n');
    const version = () => k('get', 'secret', 'applied', '-o', 'jsonpath={.metadata.resourceVersion}');
    const before = await version();
    // kubectl sends stringData each time: it cannot know that nothing changes.
    expect(await applied('first', manifest())).toBe('secret/applied configured\n');
    expect(await version()).toBe(before);
    expect(await applied('second', manifest('2'))).toBe('secret/applied configured\n');
    expect(await applied('third', manifest('2'), '--server-side', '--force-conflicts')).toBe('secret/applied serverside-applied\n');
    expect(await k('patch', 'secret', 'applied', '-p', `{"stringData":{"more":"${planted}3"}}`)).toBe('secret/applied patched\n');
    expect(Object.keys(JSON.parse(await k('get', 'secret', 'applied', '-o', 'jsonpath={.data}')) as object).sort()).toEqual([
      'more',
      'password',
    ]);
  });

  it('is told what is wrong in words that do not repeat it', async () => {
    const wrong = (data: string): string => `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"wrong"},${data}}`;
    const post = (body: string) =>
      server.client.call('POST', '/clusters/root:orgs/api/v1/namespaces/default/secrets', { body, contentType: 'application/json' });
    const answers = await Promise.all([
      post(wrong(`"data":{"p":"${planted}?"}`)),
      post(wrong(`"data":"${planted}"`)),
      post(wrong(`"data":{"p":{"${planted}":1}}`)),
      post(wrong(`"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"${planted}"}`)),
      post(wrong(`"stringData":{"p":"${planted}"`)),
      post(`{"stringData":{"p":"${planted}"}}`),
      post(`${planted}`),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([400, 400, 400, 422, 400, 422, 400]);
    for (const { text } of answers) expect(text).not.toContain(planted);
    expect(answers[0]!.text).toContain(`illegal base64 data at input byte ${planted.length}`);
  });
});

describe('a field that a schema marks with format: password', () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'doors.own.example.com' },
    spec: {
      group: 'own.example.com',
      scope: 'Namespaced',
      names: { plural: 'doors', kind: 'Door' },
      versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: doorSchema } }],
    },
  };
  const own = (name: string): string => JSON.stringify(door(name, planted, 'own.example.com/v1'));
  const spec = async (name: string): Promise<unknown> =>
    JSON.parse(await k('get', 'doors.own.example.com', name, '-o', 'jsonpath={.spec}'));

  it('is read as it was applied, both ways, by a definition of one’s own', async () => {
    await applied('definition', JSON.stringify(definition));
    expect(await applied('own', own('client-side'))).toBe('door.own.example.com/client-side created\n');
    expect(await applied('own', own('client-side'))).toBe('door.own.example.com/client-side unchanged\n');
    expect(await applied('own-2', own('server-side'), '--server-side')).toBe('door.own.example.com/server-side serverside-applied\n');
    await k('label', 'doors.own.example.com', 'server-side', 'a=b');
    await k(
      'patch',
      'doors.own.example.com',
      'client-side',
      '--type=json',
      '-p',
      `[{"op":"add","path":"/spec/codes/-","value":"${planted}2"}]`,
    );
    expect(await spec('client-side')).toEqual({ ...door('', planted).spec, codes: [planted, `${planted}2`] });
    expect(await spec('server-side')).toEqual(door('', planted).spec);
  });

  it('is read as it was ordered of a provider', async () => {
    await offerDoors(server.client, 'root:orgs', undefined);
    const made = await server.client.expect('POST', doorsOf('root:orgs'), { body: door('front', planted) });
    expect(made.spec).toEqual(door('', planted).spec);
    await server.client.expect('PATCH', `${doorsOf('root:orgs')}/front`, {
      body: { spec: { size: 2 } },
      contentType: 'application/merge-patch+json',
    });
  });

  it('is not repeated to whoever is told what is wrong', async () => {
    const answers = await Promise.all([
      server.client.call('POST', doorsOf('root:orgs'), { body: { ...door('wrong', planted), spec: { pin: planted.repeat(9) } } }),
      server.client.call('POST', doorsOf('root:orgs'), { body: { ...door('wrong', planted), spec: { pin: { [planted]: planted } } } }),
      server.client.call('POST', doorsOf('root:orgs'), { body: `{"spec":{"pin":"${planted}"}}`, contentType: 'application/json' }),
      server.client.call('POST', doorsOf('root:orgs'), {
        body: `{"kind":"Door","spec":{"pin":"${planted}"`,
        contentType: 'application/json',
      }),
      server.client.call('PATCH', `${doorsOf('root:orgs')}/front?fieldValidation=Strict`, {
        body: { spec: { pin: planted, sise: planted } },
        contentType: 'application/merge-patch+json',
      }),
    ]);
    for (const { code, text } of answers) {
      expect([400, 422]).toContain(code);
      expect(text).not.toContain(planted);
    }
  });
});

describe('the data folder', () => {
  it('holds nothing of it, nor do the logs, and the server can still read it after a restart', async () => {
    const before = await k('get', 'secrets', '-o', 'json');
    await server.stop();
    for (const form of forms) {
      expect(await grep(server.folder, form)).toEqual([]);
      expect(server.logs).not.toContain(form);
    }
    // The search finds what is there in clear.
    expect((await grep(server.folder, 'resourceVersion')).length).toBeGreaterThan(0);
    await server.start();
    expect(JSON.parse(await k('get', 'secrets', '-o', 'json'))).toMatchObject({ items: (JSON.parse(before) as { items: object[] }).items });
  });

  it('is of no use without its master keys, and the server says so', async () => {
    const file = join(server.folder, 'master.keys');
    const keys = await readFile(file, 'utf8');
    await server.stop();
    await rm(file);
    server.launch();
    expect((await server.exit()).code).not.toBe(0);
    expect(server.logs).toContain('master.keys is missing: without it, no Secret of this database can be read');
    // A newer key on a line behind: the older one can be taken away once its work is done anew.
    const newer = `newer ${Buffer.alloc(32, 'another master key').toString('base64')}\n`;
    await writeFile(file, `${keys}${newer}`);
    await server.start();
    const log = (): Promise<string> => readFile(join(server.folder, 'tributary.log'), 'utf8');
    await expect.poll(log, { timeout: 20_000 }).toContain('sealed with the newest master key now');
    await server.stop();
    await writeFile(file, newer);
    await server.start();
    expect(Buffer.from(await k('get', 'secret', 'made', '-o', 'jsonpath={.data.password}'), 'base64').toString()).toBe(planted);
  });
});

/** The files below a folder that hold these characters. */
async function grep(where: string, needle: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(where, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if ((await readFile(file)).includes(needle)) found.push(file);
  }
  return found;
}

describe('a ServiceAccount', () => {
  const other = (): string => `${server.url}/clusters/root`;

  /** What kubectl says who it is with this token and nothing else. */
  const withToken = async (token: string, server: string, ...words: readonly string[]): Promise<string> => {
    const file = join(folder, 'ca.crt');
    await writeFile(file, await ca());
    const place = ['--kubeconfig', '/dev/null', '--server', server, '--certificate-authority', file, '--token', token];
    return run(kubectl.program, [...place, '--cache-dir', join(folder, 'token-cache'), ...words]).then(({ stdout }) => stdout);
  };
  const ca = async (): Promise<string> => readFile(join(server.folder, 'certificates', 'ca.crt'), 'utf8');
  const review = async (token: string): Promise<{ readonly authenticated?: boolean; readonly user: { readonly username?: string } }> => {
    const file = join(folder, 'review.json');
    await writeFile(file, JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }));
    return (JSON.parse(await k('create', '-f', file, '-o', 'json')) as { status: Awaited<ReturnType<typeof review>> }).status;
  };

  it('gets a token that says who it is, here and nowhere else', async () => {
    await k('create', 'serviceaccount', 'robot');
    await k('create', 'rolebinding', 'robot', '--clusterrole=view', '--serviceaccount=default:robot');
    const token = (await k('create', 'token', 'robot', '--duration=20m')).trim();
    expect(
      await withToken(token, workspace(), 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username} {.status.userInfo.groups}'),
    ).toBe('system:serviceaccount:default:robot ["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"]');
    expect(await withToken(token, workspace(), 'get', 'configmaps', '-o', 'name')).toBeDefined();
    await expect(withToken(token, workspace(), 'get', 'secrets')).rejects.toThrow(
      'system:serviceaccount:default:robot" cannot list resource "secrets"',
    );
    await expect(withToken(token, other(), 'get', 'configmaps')).rejects.toThrow(/must be logged in|Unauthorized/);
    await expect(k('create', 'token', 'robot', '--duration=5m')).rejects.toThrow('may not specify a duration less than 10 minutes');
    await expect(k('create', 'token', 'nobody')).rejects.toThrow('serviceaccounts "nobody" not found');
    expect(await review(token)).toMatchObject({ authenticated: true, user: { username: 'system:serviceaccount:default:robot' } });
    expect((await review(`${token.slice(0, -4)}AAAA`)).authenticated).toBeUndefined();
    const foreign = (await k('create', 'token', 'robot', '--audience=vault')).trim();
    await expect(withToken(foreign, workspace(), 'get', 'configmaps')).rejects.toThrow(/must be logged in|Unauthorized/);
  });

  it('finds in every namespace what the server is known by, which is there again after every deletion', async () => {
    await k('create', 'namespace', 'late');
    for (const namespace of ['default', 'late', 'kube-system']) {
      expect(await k('get', 'configmap', 'kube-root-ca.crt', '-n', namespace, '-o', 'jsonpath={.data.ca\\.crt}')).toBe(await ca());
    }
    expect(await k('get', 'configmaps', '-A', '-o', 'name')).toBe('configmap/kube-root-ca.crt\n'.repeat(5));
    await k('delete', 'configmap', '--all', '-n', 'late', '--wait=false');
    expect(await k('get', 'configmaps', '-n', 'late', '--no-headers')).toMatch(/^kube-root-ca\.crt +1 /);
    await expect(k('patch', 'configmap', 'kube-root-ca.crt', '-p', '{"data":{"ca.crt":"mine"}}')).rejects.toThrow('the mesh computes it');
    expect(await k('delete', 'namespace', 'late')).toContain('deleted');
    await expect(k('get', 'configmap', 'kube-root-ca.crt', '-n', 'late')).rejects.toThrow('not found');
  });

  it('is the one that a request for its token names', async () => {
    const ask = async (metadata: object, query = ''): Promise<string> => {
      const file = join(folder, 'request.json');
      await writeFile(file, JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec: {} }));
      return k('create', '--raw', `/clusters/root:orgs/api/v1/namespaces/default/serviceaccounts/robot/token${query}`, '-f', file).catch(
        String,
      );
    };
    expect(await ask({ name: 'robot', namespace: 'default' })).toContain('"token":"eyJ');
    expect(await ask({ name: 'other' })).toContain('must match the service account name if specified');
    expect(await ask({ namespace: 'other' })).toContain('must match the service account namespace if specified');
    expect(await ask({ uid: 'other' })).toContain('does not match the UID of the service account');
    expect(await ask({}, '?dryRun=maybe')).toContain('Unsupported value');
    expect(await ask({}, '?dryRun=All')).toContain('"token":"eyJ');
  });

  it('publishes how others check its tokens', async () => {
    const path = new URL(workspace()).pathname;
    const document = JSON.parse(await k('get', '--raw', `${path}/.well-known/openid-configuration`)) as {
      issuer: string;
      jwks_uri: string;
    };
    expect(document.jwks_uri.startsWith(`${server.url}/clusters/`)).toBe(true);
    const { keys } = JSON.parse(await k('get', '--raw', `${path}/openid/v1/jwks`)) as { keys: readonly object[] };
    expect(keys).toMatchObject([{ kty: 'EC', alg: 'ES256', use: 'sig' }]);
  });

  it('has a token in a Secret for as long as both are there, over a restart', async () => {
    const annotated = (name: string): string => `apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: { name: ${name}, namespace: default, annotations: { kubernetes.io/service-account.name: robot } }
`;
    await applied('lasting', annotated('lasting'));
    await k('wait', '--for=jsonpath={.data.token}', 'secret/lasting', '--timeout=5s');
    const field = async (path: string): Promise<string> =>
      Buffer.from(await k('get', 'secret', 'lasting', '-o', `jsonpath={.data.${path}}`), 'base64').toString();
    expect([await field('ca\\.crt'), await field('namespace')]).toEqual([await ca(), 'default']);
    const token = await field('token');
    await applied('lasting', annotated('lasting'));
    expect(await field('token')).toBe(token);
    await server.restart();
    expect(await withToken(token, workspace(), 'auth', 'whoami')).toContain('system:serviceaccount:default:robot');
    await applied('second', annotated('second'));
    await k('delete', 'secret', 'lasting');
    await expect(withToken(token, workspace(), 'get', 'configmaps')).rejects.toThrow(/must be logged in|Unauthorized/);

    const short = (await k('create', 'token', 'robot')).trim();
    await withToken(short, workspace(), 'get', 'configmaps');
    expect(await k('delete', 'serviceaccount', 'robot')).toContain('deleted');
    await expect(withToken(short, workspace(), 'get', 'configmaps')).rejects.toThrow(/must be logged in|Unauthorized/);
    await k('wait', '--for=delete', 'secret/second', '--timeout=10s');
  });
});
