import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTruncatedServer } from './truncated-server.ts';

const maps = '/api/v1/namespaces/default/configmaps';

type List = {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
};
type Status = {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly metadata: { readonly continue?: string };
};

let server: Awaited<ReturnType<typeof startTruncatedServer>>['server'];
/** A page of two of four, as it was answered before history was lost. */
let before: List;

beforeEach(async () => {
  const truncated = await startTruncatedServer();
  server = truncated.server;
  before = JSON.parse(truncated.before) as List;
});
afterEach(() => server.stop());

const list = async (query: string): Promise<List> => JSON.parse((await server.send('GET', `${maps}${query}`)).text) as List;
const names = ({ items }: List): readonly string[] => items.map(({ metadata }) => metadata.name).filter((name) => name.length === 1);

describe('history that is lost', () => {
  it('ends a watch that would begin in it with a 410 in the stream', async () => {
    const { code, text } = await server.send('GET', `${maps}?watch=1&resourceVersion=2&timeoutSeconds=1`);
    expect(code).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      type: 'ERROR',
      object: {
        kind: 'Status',
        code: 410,
        reason: 'Expired',
        message: expect.stringMatching(/^too old resource version: 2 \(\d+\)$/) as string,
      },
    });
  });

  it('does not end a watch that begins where the list is', async () => {
    const { metadata } = await list('');
    const { code, text } = await server.send('GET', `${maps}?watch=1&resourceVersion=${metadata.resourceVersion}&timeoutSeconds=1`);
    expect([code, text]).toEqual([200, '']);
  });

  it('expires a continue token, and offers another that goes on with what is there now', async () => {
    expect(names(before)).toEqual(['a', 'b']);
    const { code, text } = await server.send('GET', `${maps}?limit=2&continue=${before.metadata.continue ?? ''}`);
    const status = JSON.parse(text) as Status;
    expect([code, status.reason]).toEqual([410, 'Expired']);
    expect(status.message).toMatch(/^The provided continue parameter is too old to display a consistent list result\./);
    const rest = await list(`?continue=${status.metadata.continue ?? ''}`);
    expect(names(rest)).toEqual(['c', 'd', 'e']);
  });

  it('refuses a list of exactly that state', async () => {
    const { code, text } = await server.send(
      'GET',
      `${maps}?resourceVersion=${before.metadata.resourceVersion}&resourceVersionMatch=Exact&limit=9`,
    );
    expect([code, (JSON.parse(text) as Status).reason]).toEqual([410, 'Expired']);
  });
});
