import type { AuditLog } from '#facade-kube';
import type { Settings } from '#settings';
import { counter, openLineFile, type Logger } from '#telemetry';

const lostLines = counter({
  name: 'tributary_audit_lost_total',
  help: 'Lines of the audit log that could not be written, or came faster than they could be.',
});

const sayEveryMs = 60_000;

export type OpenedAudit = { readonly audit?: AuditLog; readonly close: () => Promise<void> };

/** The audit log, where one is wanted. @throws Error naming the setting, where the file cannot be written */
export function openAudit({ auditLog, auditLevel }: Pick<Settings, 'auditLog' | 'auditLevel'>, logger: Logger): OpenedAudit {
  if (auditLog === undefined || auditLevel === 'None') return { close: () => Promise.resolve() };
  let saidMs = -sayEveryMs;
  const onLost = (failure: unknown, lines: number): void => {
    lostLines.add({}, lines);
    // A full disk would fill the log, too.
    if (performance.now() - saidMs < sayEveryMs) return;
    saidMs = performance.now();
    logger.error({ err: failure, lines }, 'lines of the audit log are lost');
  };
  try {
    const file = openLineFile({ path: auditLog, onLost });
    const write = (line: string): boolean => {
      const isKept = file.write(line);
      if (!isKept) onLost(new Error('they come faster than they can be written'), 1);
      return isKept;
    };
    return { audit: { level: auditLevel, write }, close: () => file.close() };
  } catch (failure) {
    throw new Error(`TRIBUTARY_AUDIT_LOG: ${auditLog} cannot be written (${(failure as NodeJS.ErrnoException).code})`, { cause: failure });
  }
}
