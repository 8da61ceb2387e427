import { Agent, request } from 'node:https';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { JsonObject } from '#kube';

/** An object as tests look at it. */
export type Served = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: JsonObject;
  readonly status?: JsonObject & {
    readonly conditions?: readonly ServedCondition[];
    readonly observedGeneration?: number;
    readonly url?: string;
  };
};
export type ServedCondition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly observedGeneration?: number;
};
export type WatchEvent = { readonly type: string; readonly object: Served };

export type Answer = { readonly code: number; readonly headers: IncomingHttpHeaders; readonly text: string };

export type Call = {
  readonly body?: string | Buffer | object;
  readonly contentType?: string;
  /** A list sends the header that many times. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** The token to show; null for none. Absent: the administrator's. */
  readonly token?: string | null;
};

const callDeadlineMs = 20_000;

/** Speaks to a server with nothing between: paths, headers and bodies go out exactly as given. */
export class TributaryClient {
  readonly #url: URL;
  readonly #ca: string;
  readonly #token: string;
  readonly #agent: Agent;

  constructor({ url, ca, token }: { readonly url: string; readonly ca: string; readonly token: string }) {
    this.#url = new URL(url);
    this.#ca = ca;
    this.#token = token;
    this.#agent = new Agent({ keepAlive: true, ca });
  }

  /** Rejects when no whole answer came. */
  call(method: string, path: string, call: Call = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = this.#send(method, path, call);
      sent.setTimeout(callDeadlineMs, () => sent.destroy(new Error(`no answer to ${method} ${path} within ${callDeadlineMs} ms`)));
      sent.once('error', reject);
      sent.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({ code: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
        );
      });
    });
  }

  /** As `call`, for what must succeed. @throws Error with the answer's text otherwise. */
  async expect<Body = Served>(method: string, path: string, call: Call = {}): Promise<Body> {
    const { code, text } = await this.call(method, path, call);
    if (code >= 300) throw new Error(`${method} ${path} answered ${code}: ${text}`);
    return JSON.parse(text) as Body;
  }

  get<Body = Served>(path: string): Promise<Body> {
    return this.expect<Body>('GET', path);
  }

  /** Undefined where it is not found. */
  async find(path: string): Promise<Served | undefined> {
    const { code, text } = await this.call('GET', path);
    if (code === 404) return undefined;
    if (code >= 300) throw new Error(`GET ${path} answered ${code}: ${text}`);
    return JSON.parse(text) as Served;
  }

  async list(path: string): Promise<readonly Served[]> {
    return (await this.get<{ readonly items: readonly Served[] }>(path)).items;
  }

  /** Follows a collection from a resourceVersion on. */
  watch(path: string, resourceVersion: string, query = ''): Watching {
    return new Watching(this.#send('GET', `${path}?watch=true&resourceVersion=${resourceVersion}${query}`, {}));
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, { body, contentType = 'application/json', headers, token = this.#token }: Call): ClientRequest {
    const bytes = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const sent = request({
      agent: this.#agent,
      ca: this.#ca,
      host: this.#url.hostname,
      port: this.#url.port,
      method,
      path,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(bytes === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(bytes) }),
        ...headers,
      },
    });
    sent.end(bytes);
    return sent;
  }
}

/** A watch that collects what it is told. */
export class Watching {
  readonly events: WatchEvent[] = [];
  /** The answer's code, once it has begun. */
  readonly code: Promise<number>;
  /** Resolves when the server has ended the stream; rejects when it was cut. */
  readonly ended: Promise<void>;
  readonly #sent: ClientRequest;
  #changed = Promise.withResolvers<void>();

  constructor(sent: ClientRequest) {
    this.#sent = sent;
    const response = new Promise<IncomingMessage>((resolve, reject) => sent.once('response', resolve).once('error', reject));
    this.code = response.then(({ statusCode }) => statusCode ?? 0);
    this.ended = response.then((stream) => this.#read(stream));
    // Who closes a watch does not ask how it ended.
    this.code.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  /** Resolves with all events once they satisfy `enough`. */
  async until(what: string, enough: (events: readonly WatchEvent[]) => boolean, deadlineMs = 30_000): Promise<readonly WatchEvent[]> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#changed.resolve();
    }, deadlineMs);
    try {
      while (!enough(this.events)) {
        if (late) throw new Error(`watched ${deadlineMs} ms in vain: ${what}\n${JSON.stringify(this.events)}`);
        await Promise.race([this.#changed.promise, this.ended.then(() => Promise.reject(new Error(`the watch ended early: ${what}`)))]);
      }
      return this.events;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#sent.destroy();
  }

  async #read(stream: IncomingMessage): Promise<void> {
    let rest = '';
    stream.setEncoding('utf8');
    for await (const chunk of stream as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.events.push(JSON.parse(line) as WatchEvent);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }
}
