import { afterAll, beforeAll, describe } from 'vitest';
import { testKubectl, type Kubectl } from '../servers/kubectl.ts';
import { startTributary, type TributaryServer } from '../servers/tributary.ts';
import { playFirstJourney } from './first-journey.ts';

let server: TributaryServer;
let kubectl: Kubectl;

beforeAll(async () => {
  [kubectl, server] = await Promise.all([testKubectl(), startTributary()]);
});
afterAll(() => server?.remove());

describe('the first journey, in one process', () => playFirstJourney(() => ({ server, kubectl })));
