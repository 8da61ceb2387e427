import type { Answer, Call, Served } from '../servers/tributary-client.ts';
import type { TributaryServer } from '../servers/tributary.ts';
import { until, untilTrue } from '../servers/tributary-until.ts';
import { killInMidst } from './kills.ts';
import { Ledger } from './ledger.ts';

const patienceMs = 60_000;

/** A server that is killed again and again, and those who go on asking. */
export class Storm {
  readonly server: TributaryServer;
  readonly ledger = new Ledger();
  #up = Promise.withResolvers<void>();
  #isUp = true;
  kills = 0;
  isOver = false;

  constructor(server: TributaryServer) {
    this.server = server;
    this.#up.resolve();
  }

  async kill(): Promise<void> {
    // Whoever asks from now on waits; whoever has asked is cut off.
    if (this.#isUp) this.#up = Promise.withResolvers();
    this.#isUp = false;
    await killInMidst(this.server, 'tributary');
    this.kills += 1;
  }

  /** Starts the server, and kills it when it has printed so many lines. */
  async killWhileStarting(lines: number): Promise<void> {
    const before = this.server.logs.length;
    this.server.launch();
    const isThere = (): boolean => this.server.logs.slice(before).split('\n').length > lines;
    await untilTrue(`the server has printed ${lines} lines`, isThere, { pauseMs: 1 });
    await this.kill();
  }

  async start(): Promise<void> {
    await this.server.start();
    this.#isUp = true;
    this.#up.resolve();
  }

  /** Sends a write until its outcome is known, with the answer and whether it had to be sent again. */
  async insist(
    sender: string,
    method: string,
    path: string,
    call: Call = {},
  ): Promise<{ readonly answer: Answer; readonly again: boolean }> {
    let attempts = 0;
    const answer = await until(
      `an answer to ${method} ${path}`,
      async () => {
        await this.#up.promise;
        attempts += 1;
        return this.ledger.send(this.server.client, sender, { method, path, call, isAgain: attempts > 1 });
      },
      { deadlineMs: patienceMs },
    );
    return { answer, again: attempts > 1 };
  }

  /** Sends a write once; undefined where nobody knows what became of it. */
  async attempt(sender: string, method: string, path: string, call: Call = {}): Promise<Answer | undefined> {
    await this.#up.promise;
    return this.ledger.send(this.server.client, sender, { method, path, call, isAgain: false });
  }

  /** Reads until the object is as wanted; undefined means that it is not there. */
  waitFor(path: string, isWanted: (object: Served | undefined) => boolean): Promise<Served | 'nothing'> {
    let last: Served | undefined;
    return until(
      `${path} is as it should be`,
      async () => {
        await this.#up.promise;
        last = await this.server.client.find(path);
        return isWanted(last) ? (last ?? 'nothing') : undefined;
      },
      { deadlineMs: patienceMs },
    ).catch((cause: unknown) => {
      throw new Error(`${path} stayed as ${JSON.stringify(last)}`, { cause });
    });
  }

  /** Reads one object as it stands now. */
  async read(path: string): Promise<Served | undefined> {
    return until(
      `an answer to GET ${path}`,
      async () => {
        await this.#up.promise;
        return (await this.server.client.find(path)) ?? 'nothing';
      },
      { deadlineMs: patienceMs },
    ).then((found) => (found === 'nothing' ? undefined : found));
  }
}
