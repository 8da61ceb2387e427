import { Connection, type Address } from './connection.ts';
import { Latencies } from './latencies.ts';

export type Round = { readonly answers: number; readonly seconds: number; readonly latencies: Latencies };

/** The request that a connection sends next. `serial` never repeats within one load. */
export type NextRequest = (connection: number, serial: number) => string;

/** Connections that each send the next request as soon as the last one is answered. */
export class Load {
  readonly #connections: readonly Connection[];
  readonly #next: NextRequest;
  #serial = 0;

  static async open(address: Address, connections: number, next: NextRequest): Promise<Load> {
    return new Load(await Promise.all(Array.from({ length: connections }, () => Connection.open(address))), next);
  }

  private constructor(connections: readonly Connection[], next: NextRequest) {
    this.#connections = connections;
    this.#next = next;
  }

  /** Loads for this long. What is under way at the end is awaited and counted, and so is the time that it takes. @throws Error at any answer but 200 and 201 */
  async run(seconds: number): Promise<Round> {
    return this.#round((_, began) => performance.now() - began < seconds * 1000);
  }

  /** Sends this many requests in all. */
  async send(count: number): Promise<Round> {
    return this.#round((started) => started < count);
  }

  async #round(goesOn: (started: number, began: number) => boolean): Promise<Round> {
    const latencies = new Latencies();
    const began = performance.now();
    let started = 0;
    const loop = async (connection: Connection, index: number): Promise<void> => {
      while (goesOn(started, began)) {
        started++;
        const sentAt = performance.now();
        const { status, body } = await connection.send(this.#next(index, this.#serial++));
        if (status !== 201 && status !== 200) throw new Error(`the load was answered ${status}: ${body.toString()}`);
        latencies.push(performance.now() - sentAt);
      }
    };
    await Promise.all(this.#connections.map(loop));
    return { answers: latencies.count, seconds: (performance.now() - began) / 1000, latencies };
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

export type Comparison = { readonly subject: Round; readonly floor: Round };

/** Loads both in turn (A B A B …), so that what the machine does beside hits both. The first turn of each warms up and is not counted. */
export async function compare(
  loads: { readonly subject: Load; readonly floor: Load },
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Comparison> {
  const subject: Round[] = [];
  const floor: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const [ours, theirs] = [await loads.subject.run(seconds), await loads.floor.run(seconds)];
    if (round === 0) continue;
    subject.push(ours);
    floor.push(theirs);
  }
  return { subject: joined(subject), floor: joined(floor) };
}

export const perSecond = ({ answers, seconds }: Round): number => answers / seconds;

export function joined(rounds: readonly Round[]): Round {
  const latencies = new Latencies();
  for (const round of rounds) latencies.add(round.latencies);
  return { answers: sum(rounds.map(({ answers }) => answers)), seconds: sum(rounds.map(({ seconds }) => seconds)), latencies };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
