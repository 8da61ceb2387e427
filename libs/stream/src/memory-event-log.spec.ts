import { MemoryEventLog } from './memory-event-log.ts';
import { eventLogContract } from './testing/event-log-contract.ts';

eventLogContract('MemoryEventLog', async () => ({ log: new MemoryEventLog() }));
