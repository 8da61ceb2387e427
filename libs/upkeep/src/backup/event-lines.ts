import type { RecordedEvent } from '#stream';

type EventLine = readonly [stream: string, revision: string, position: string, id: string, type: string, data: string];

/** An event as a line of a backup. `data` stands in it as text: whatever it says comes back to the letter. */
export function lineOfEvent({ stream, revision, position, id, type, data }: RecordedEvent): string {
  return JSON.stringify([stream, `${revision}`, `${position}`, id, type, data] satisfies EventLine);
}

export function eventOfLine(line: string): RecordedEvent {
  const [stream, revision, position, id, type, data] = JSON.parse(line) as EventLine;
  return { stream, revision: BigInt(revision), position: BigInt(position), id, type, data };
}
