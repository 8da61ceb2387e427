import type { WriteOutcome } from '#workspace';
import { failure, type Answer } from '../exchange.ts';
import { noteAnnotations, type InFlight } from '../in-flight/in-flight.ts';
import { refusalToStatus } from '../refusal-to-status.ts';

/** Nobody waits for an answer any more. */
export const aborted: Answer = { type: 'streamed' };

export function answerOutcome(inFlight: InFlight, outcome: WriteOutcome): Answer {
  noteAnnotations(inFlight, outcome.auditAnnotations);
  switch (outcome.type) {
    case 'committed':
      return { type: 'object', code: outcome.created ? 201 : 200, object: outcome.object, warnings: outcome.warnings };
    case 'refused':
      return failure(refusalToStatus(outcome.refusal), outcome.warnings);
  }
}
