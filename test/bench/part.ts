import type { Figure } from './figure.ts';
import type { ServerOptions, TributaryServer } from './tributary-server.ts';

/** What a part of the benchmark is given. Everything that it starts is ended when it ends, however it ends. */
export type Bench = {
  /** Small counts: shows that the benchmark works; its figures are rough. */
  readonly quick: boolean;
  /** How many accounts `density` makes, where somebody says so. */
  readonly accounts: number | undefined;
  /** A folder where servers are to leave their CPU profiles. */
  readonly profiles: string | undefined;
  startServer(options?: ServerOptions): Promise<TributaryServer>;
  /** Runs at the part's end, the last one first. */
  atEnd(end: () => unknown): void;
  /** Something to know about how a figure came about; not in the table. */
  note(text: string): void;
};

export type Part = (bench: Bench) => Promise<readonly Figure[]>;
