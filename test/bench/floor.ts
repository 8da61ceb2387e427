import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Child } from './child.ts';
import type { Address } from './connection.ts';
import type { TributaryServer } from './tributary-server.ts';

/** The bare server that the subject is compared with; see floor-server.ts. */
export class Floor {
  readonly address: Address;
  readonly #child: Child;
  readonly #folder: string;

  /** With the certificate of the subject. `withLog` gives it a PostgreSQL of its own, started as the subject starts its own. */
  static async start(subject: TributaryServer, { withLog }: { readonly withLog: boolean }): Promise<Floor> {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-bench-floor-'));
    const child = await Child.start({
      file: resolve(import.meta.dirname, 'floor-server.ts'),
      arguments: [join(subject.folder, 'certificates'), ...(withLog ? [folder] : [])],
      outputFile: `${folder}.output`,
    });
    const { port } = await child.hears<{ port: number }>();
    return new Floor(child, folder, { ...subject.address, port });
  }

  private constructor(child: Child, folder: string, address: Address) {
    this.#child = child;
    this.#folder = folder;
    this.address = address;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** From now on every GET answers this. */
  async serve(body: Buffer): Promise<void> {
    const serving = this.#child.hears();
    this.#child.tell({ serve: body.toString() });
    await serving;
  }

  async remove(): Promise<void> {
    await this.#child.stop();
    await rm(this.#folder, { recursive: true, force: true });
    await rm(`${this.#folder}.output`, { force: true });
  }
}
