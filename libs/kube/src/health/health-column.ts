import type { PrinterColumn } from '../served-kind.ts';
import { ageColumn } from '../table/table.ts';
import { healthOf, type Turn } from './health-of.ts';

/**
 * The columns of a kind whose status others answer, with `Health` behind them for who asks for the wide table: the same word as everywhere. A column
 * of that name that the kind brings along stays what it is.
 */
export function withHealthColumn(columns: readonly PrinterColumn[], answeredBy: Turn): readonly PrinterColumn[] {
  if (columns.some(({ name }) => name.toLowerCase() === 'health')) return columns;
  return [
    ...(columns.length === 0 ? [ageColumn] : columns),
    {
      name: 'Health',
      type: 'string',
      jsonPath: '.status.conditions',
      read: (object) => healthOf(object, answeredBy).word,
      description: 'How it is, in one word of kstatus: Current, InProgress, Failed or Terminating',
      priority: 1,
    },
  ];
}
