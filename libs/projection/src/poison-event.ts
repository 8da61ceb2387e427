import type { RecordedEvent } from '#stream';

/** An event that a view cannot show. The view stands still before it until it is mended. */
export class PoisonEvent extends Error {
  readonly table: string;
  readonly position: bigint;
  constructor(table: string, { type, stream, position }: Pick<RecordedEvent, 'type' | 'stream' | 'position'>, cause: unknown) {
    super(
      `the view ${table} cannot show ${type} at position ${position} (${stream}): ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
    this.name = 'PoisonEvent';
    this.table = table;
    this.position = position;
  }
}
