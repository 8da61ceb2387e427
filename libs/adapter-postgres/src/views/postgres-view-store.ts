import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { ViewsUnavailable } from '#projection';
import type { View, ViewChange, ViewLead, ViewState, ViewStore } from '#projection';
import { failureOf } from '../log/outage.ts';
import { poolOf } from '../schema/data-source.ts';
import { gathered, type Step } from './gathered.ts';
import { statementsOf } from './view-statements.ts';

/**
 * Views as tables, each with its checkpoint, changed in one transaction. None waits for the disk: after a crash rows and checkpoint are
 * both as they were a moment before, and the log is read from there.
 */
export class PostgresViewStore implements ViewStore {
  readonly #pool: pg.Pool;
  readonly #names = new Map<string, string>();

  constructor(dataSource: DataSource) {
    this.#pool = poolOf(dataSource);
  }

  async state(table: string): Promise<ViewState> {
    const { rows } = await this.#pool.query<StateRow>({ ...asking, values: [table] }).catch(rethrow);
    return { position: BigInt(rows[0]?.position ?? 0), failure: rows[0]?.failure ?? null };
  }

  async failures(): Promise<{ readonly table: string; readonly failure: string }[]> {
    const text = 'SELECT view AS "table", failure FROM view_states WHERE failure IS NOT NULL ORDER BY view';
    const { rows } = await this.#pool.query<{ table: string; failure: string }>({ name: 'view_failures', text }).catch(rethrow);
    return rows;
  }

  async lead(table: string): Promise<ViewLead> {
    const { rows } = await this.#pool.query<LeadRow>({ ...leading, values: [table] }).catch(rethrow);
    return { epoch: BigInt(rows[0]?.epoch ?? 0), position: BigInt(rows[0]?.position ?? 0) };
  }

  async apply(view: View, changes: readonly ViewChange[], lead: ViewLead): Promise<'applied' | 'overtaken'> {
    const steps = gathered(view, changes);
    const [step] = steps;
    const applied = steps.length <= 1 ? this.#applyAtOnce(view, step, lead) : this.#applyInTurn(view, steps, lead);
    return (await applied.catch(rethrow)) ? 'applied' : 'overtaken';
  }

  async stop(table: string, epoch: bigint, failure: string): Promise<void> {
    const text = 'UPDATE view_states SET failure = $3 WHERE view = $1 AND epoch = $2';
    await this.#pool.query(text, [table, `${epoch}`, failure.replaceAll('\0', '')]).catch(rethrow);
  }

  /** One question and one answer: nearly every batch is so. */
  async #applyAtOnce(view: View, step: Step | undefined, { epoch, position }: ViewLead): Promise<boolean> {
    const statements = step ? statementsOf(view, step, 'EXISTS (SELECT FROM led)') : [];
    const values: unknown[] = [view.table, `${position}`, `${epoch}`];
    const parts = statements.map((statement, index) => {
      const text = statement.text.replaceAll(/\$(\d+)/g, (_, number: string) => `$${Number(number) + values.length}`);
      values.push(...statement.values);
      return `, part${index} AS (${text})`;
    });
    const text = `WITH soon AS MATERIALIZED (${soon}), led AS (${moving} RETURNING 1)${parts.join('')} SELECT 1 FROM led, soon`;
    const { rowCount } = await this.#pool.query({ text, values, ...this.#name(text) });
    return rowCount === 1;
  }

  /** A statement is planned once per connection. There are few: as many as there are sets of columns that views put together. */
  #name(text: string): { readonly name?: string } {
    let name = this.#names.get(text);
    if (name === undefined && this.#names.size < namesMax) this.#names.set(text, (name = `view_${this.#names.size}_${randomUUID()}`));
    return name === undefined ? {} : { name };
  }

  async #applyInTurn(view: View, steps: readonly Step[], { epoch, position }: ViewLead): Promise<boolean> {
    const client = await this.#pool.connect();
    let broken: unknown;
    try {
      await client.query('BEGIN');
      await client.query(soon);
      for (const step of steps) for (const { text, values } of statementsOf(view, step)) await client.query(text, [...values]);
      // Last, so that rows are locked in the same order as by a rebuild: the table first, its state second.
      const { rowCount } = await client.query(moving, [view.table, `${position}`, `${epoch}`]);
      await client.query(rowCount === 1 ? 'COMMIT' : 'ROLLBACK');
      return rowCount === 1;
    } catch (error) {
      broken = await client.query('ROLLBACK').then(
        () => undefined,
        (failure: unknown) => failure,
      );
      throw error;
    } finally {
      client.release(broken !== undefined);
    }
  }
}

const namesMax = 100;

type StateRow = { readonly position: string; readonly failure: string | null };
type LeadRow = { readonly position: string; readonly epoch: string };

const soon = `SELECT set_config('synchronous_commit', 'off', true)`;
const moving = 'UPDATE view_states SET position = $2 WHERE view = $1 AND epoch = $3';
const asking = { name: 'view_state', text: 'SELECT position, failure FROM view_states WHERE view = $1' };
const leading = {
  name: 'lead_view',
  text: `
    INSERT INTO view_states AS kept (view, position, epoch) VALUES ($1, 0, 1)
      ON CONFLICT (view) DO UPDATE SET epoch = kept.epoch + 1, failure = NULL RETURNING epoch, position`,
};

export function rethrow(error: unknown): never {
  throw failureOf(error) === 'fault' ? error : new ViewsUnavailable(error);
}
