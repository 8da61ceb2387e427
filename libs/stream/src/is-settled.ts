import { LogUnavailable, type EventLog } from './event-log.ts';

/** Whether what is read next tells the outcome of all that was appended here. Who follows what others append need not know. */
export function isSettled({ log, soleWriter }: { readonly log: EventLog; readonly soleWriter: boolean }): Promise<boolean> {
  if (!soleWriter) return Promise.resolve(true);
  return log.settle().then(
    () => true,
    (failure: unknown) => {
      if (failure instanceof LogUnavailable) return false;
      throw failure;
    },
  );
}
