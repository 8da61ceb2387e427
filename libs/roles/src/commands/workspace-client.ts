import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { parseJson } from '#json';
import { decodeBody, type JsonObject, type KubeObject } from '#kube';
import { importManager, type ImportTarget, type Place, type TargetKind, type Written } from '#upkeep';

/** Where a running server is, and as whom to speak to it. */
export type Door = { readonly origin: URL; readonly ca: string | undefined; readonly token: string };

/** The first cluster and user of a kubeconfig. @throws Error that says what to do */
export async function readDoor(file: string): Promise<Door> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(
      `${file} cannot be read (${cause.code}): a server writes it when it starts, --kubeconfig names one that stands elsewhere`,
      { cause },
    );
  });
  const decoded = decodeBody(bytes, 'application/yaml');
  const { clusters, users } = (decoded.type === 'decoded' ? decoded.value : {}) as Kubeconfig;
  const cluster = clusters?.[0]?.cluster;
  const token = users?.[0]?.user?.token;
  if (cluster?.server === undefined || token === undefined) throw new Error(`${file} names no server, or no token`);
  const authority = cluster['certificate-authority-data'];
  const ca = authority === undefined ? undefined : Buffer.from(authority, 'base64').toString();
  return { origin: new URL(cluster.server.replace(/\/clusters\/.*$/, '')), ca, token };
}

type Kubeconfig = {
  readonly clusters?: readonly { readonly cluster?: { readonly server?: string; readonly 'certificate-authority-data'?: string } }[];
  readonly users?: readonly { readonly user?: { readonly token?: string } }[];
};

const answerMsMax = 60_000;
const attemptsMax = 10;

/** A workspace of a running server, from outside: through the same door as every client, and its verbs. */
export class WorkspaceClient implements ImportTarget {
  readonly path: string;
  readonly #door: Door;
  readonly #agent: Agent;

  constructor(door: Door, path: string, agent = new Agent({ keepAlive: true, maxSockets: 16, ca: door.ca })) {
    this.#door = door;
    this.path = path;
    this.#agent = agent;
  }

  /** The workspace of an account below, over the same connections. */
  below(path: string): WorkspaceClient {
    return new WorkspaceClient(this.#door, path, this.#agent);
  }

  close(): void {
    this.#agent.destroy();
  }

  async isOpen(): Promise<boolean> {
    const { code, body } = await this.#call('GET', '/api');
    if (code === 401) throw new Error(`the server does not know the token of the kubeconfig: ${messageOf(body)}`);
    return code === 200;
  }

  async kinds(): Promise<readonly TargetKind[]> {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const answers = await Promise.all(['/api', '/apis'].map((path) => this.#call('GET', path, { accept })));
    return answers.flatMap(({ code, body }) => {
      if (code !== 200) throw new Error(`the workspace ${this.path} does not tell what it serves: ${messageOf(body)}`);
      return kindsIn(body as Discovery);
    });
  }

  async get(place: Place): Promise<KubeObject | undefined> {
    const { code, body } = await this.#call('GET', objectPath(place));
    if (code === 404) return undefined;
    if (code !== 200) throw new Error(messageOf(body));
    return body as KubeObject;
  }

  async create(place: Place, object: KubeObject, { dryRun }: { readonly dryRun: boolean }): Promise<Written> {
    const query = `?fieldManager=${importManager}&fieldValidation=Strict${dryRun ? '&dryRun=All' : ''}`;
    const { code, body } = await this.#call('POST', `${collectionPath(place)}${query}`, { body: object });
    if (code === 409 && (body as { readonly reason?: string }).reason === 'AlreadyExists') return { type: 'exists' };
    return written(code, body);
  }

  async merge(place: Place, patch: JsonObject, subresource?: 'status'): Promise<Written> {
    const below = subresource === undefined ? '' : `/${subresource}`;
    const contentType = 'application/merge-patch+json';
    const { code, body } = await this.#call('PATCH', `${objectPath(place)}${below}?fieldManager=${importManager}`, {
      body: patch,
      contentType,
    });
    return written(code, body);
  }

  /** What the server puts off is asked for again. */
  async #call(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(method, `/clusters/${this.path}${path}`, sent);
      if ((answer.code !== 429 && answer.code !== 503) || attempt === attemptsMax) return answer;
      await new Promise((resolve) => setTimeout(resolve, answer.retryMs));
    }
  }

  #send(method: string, path: string, { body, accept = 'application/json', contentType = 'application/json' }: Sent): Promise<Answer> {
    const { origin, token } = this.#door;
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${token}`,
      accept,
      'user-agent': importManager,
      ...(bytes ? { 'content-type': contentType, 'content-length': bytes.length } : {}),
    };
    return new Promise((resolve, reject) => {
      const failed = (cause: Error): void =>
        reject(new Error(`the server at ${origin.origin} does not answer (${cause.message}): is it running?`, { cause }));
      const to = { agent: this.#agent, hostname: origin.hostname, port: origin.port, path: `${origin.pathname.replace(/\/$/, '')}${path}` };
      const asked = request({ ...to, method, headers, timeout: answerMsMax }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', failed);
        answer.once('end', () => {
          const retryMs = 1_000 * Number(answer.headers['retry-after'] ?? 1);
          resolve({ code: answer.statusCode ?? 0, body: bodyOf(Buffer.concat(chunks).toString()), retryMs });
        });
      });
      asked.once('error', failed);
      asked.once('timeout', () => asked.destroy(new Error(`no answer within ${answerMsMax / 1_000} s`)));
      asked.end(bytes);
    });
  }
}

type Sent = { readonly body?: object; readonly accept?: string; readonly contentType?: string };
type Answer = { readonly code: number; readonly body: unknown; readonly retryMs: number };

type Discovery = {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: 'Namespaced' | 'Cluster';
        readonly subresources?: readonly { readonly subresource: string }[];
      }[];
    }[];
  }[];
};

const kindsIn = ({ items }: Discovery): readonly TargetKind[] =>
  items.flatMap(({ metadata: { name: group = '' }, versions }) =>
    versions.flatMap(({ version, resources }) =>
      resources.map(({ resource, responseKind: { kind }, scope, subresources = [] }) => ({
        group,
        version,
        kind,
        resource,
        namespaced: scope === 'Namespaced',
        hasStatus: subresources.some(({ subresource }) => subresource === 'status'),
      })),
    ),
  );

function collectionPath({ kind: { group, version, resource }, namespace }: Place): string {
  const api = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${api}${namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${resource}`;
}

const objectPath = (place: Place): string => `${collectionPath(place)}/${encodeURIComponent(place.name)}`;

const written = (code: number, body: unknown): Written =>
  code < 300 ? { type: 'written', object: body as KubeObject } : { type: 'refused', code, reason: messageOf(body) };

function bodyOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

const messageOf = (body: unknown): string => String((body as { readonly message?: unknown } | null)?.message ?? body);
