import type { AccountState } from '#account';
import { parseJson } from '#json';
import { schemaHashOf, type ApiSchema } from '#provider';
import type { EventLog } from '#stream';
import { messageOf, type Report } from './finding.ts';

const schemaStream = 'schema-';

/** The schemas that bindings name by content: each must stand in the log, and be what its name says. */
export class SchemaCheck {
  readonly #log: EventLog;
  readonly #report: Report;
  readonly #known = new Map<string, boolean>();

  constructor(log: EventLog, report: Report) {
    this.#log = log;
    this.#report = report;
  }

  async stream(stream: string): Promise<void> {
    if (stream.startsWith(schemaStream)) await this.#check(stream.slice(schemaStream.length));
  }

  async boundBy(stream: string, { bindings }: AccountState): Promise<void> {
    for (const { binding, resources } of bindings.values())
      for (const { schemaHash, resource } of resources)
        if (!(await this.#check(schemaHash)))
          this.#report({
            type: 'schema-missing',
            stream,
            says: `the binding ${binding} names a schema of ${resource} that is not in the log`,
          });
  }

  /** Whether there is one. */
  async #check(hash: string): Promise<boolean> {
    const known = this.#known.get(hash);
    if (known !== undefined) return known;
    let found = false;
    const stream = `${schemaStream}${hash}`;
    try {
      for await (const { data } of this.#log.readStream(stream, 0n)) {
        found = true;
        const actual = schemaHashOf((parseJson(data) as { readonly schema: ApiSchema }).schema);
        if (actual !== hash) this.#report({ type: 'schema-differs', stream, says: `the content of ${stream} has the hash ${actual}` });
      }
    } catch (failure) {
      this.#report({ type: 'event-unreadable', stream, says: `${stream} cannot be read: ${messageOf(failure)}` });
    }
    this.#known.set(hash, found);
    return found;
  }
}
