import { describe, it } from 'vitest';
import { by, defaultNamespace, gadgetDeclared, gadgets, given } from '../testing/given.ts';
import { reportStatus, type ReportStatus } from './report-status.ts';

const ready = { type: 'Ready', status: 'True', reason: 'Up', message: '' };
const report = (more: Partial<ReportStatus> = {}): ReportStatus => ({
  uid: 'u-1',
  export: 'demo.test',
  resource: 'gadgets',
  observedGeneration: 1,
  sequence: '00000000000000000005',
  status: { url: 'http://x', conditions: [ready] },
  released: false,
  kind: gadgets,
  by,
  ...more,
});
const reconciling = { type: 'Reconciling', status: 'True', reason: 'Accepted', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
const waiting = gadgetDeclared(
  {},
  { conditions: [{ ...ready, status: 'Unknown', lastTransitionTime: '2026-01-01T00:00:00Z' }, reconciling] },
);

describe('a report on an instance', () => {
  it('shows the answer to the newest generation as the provider gave it', () =>
    given(defaultNamespace, waiting)
      .when(reportStatus, report())
      .then({
        type: 'StatusReported',
        sequence: '00000000000000000005',
        object: {
          status: {
            url: 'http://x',
            observedGeneration: 1,
            conditions: [{ ...ready, observedGeneration: 1, lastTransitionTime: '2026-01-02T03:04:05Z' }],
          },
        },
      }));

  it('shows the answer to an older generation, but leaves Ready open', () =>
    given(defaultNamespace, gadgetDeclared({ generation: 2 }))
      .when(reportStatus, report())
      .then({
        object: {
          status: {
            observedGeneration: 1,
            conditions: [
              { type: 'Ready', status: 'Unknown' },
              { type: 'Reconciling', status: 'True' },
            ],
          },
        },
      }));

  it('leaves Ready open when the answer does not speak of it', () =>
    given(defaultNamespace, waiting)
      .when(reportStatus, report({ status: { url: 'http://x' } }))
      .then({ object: { status: { url: 'http://x', conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NotReported' }] } } }));

  const reported = { ...gadgetDeclared(), type: 'StatusReported', sequence: '00000000000000000005' } as ReturnType<typeof gadgetDeclared>;

  it('is dropped when it is not newer than the last', () =>
    given(defaultNamespace, waiting, reported).when(reportStatus, report()).thenNothing());

  const deleting = gadgetDeclared({ deletionTimestamp: '2026-01-02T00:00:00Z', finalizers: ['tributary.io/provider-release'] });

  describe('of a provider whose clock was set back while it did not run, and whose counter with it', () => {
    const answered = {
      ...gadgetDeclared({ generation: 2 }, { observedGeneration: 1 }),
      type: 'StatusReported',
      sequence: '00000000000000000900',
    };
    const history = [defaultNamespace, answered as ReturnType<typeof gadgetDeclared>];

    it('is heard where it answers what nobody has answered yet', () =>
      given(...history)
        .when(reportStatus, report({ observedGeneration: 2 }))
        .then({ type: 'StatusReported', sequence: '00000000000000000005', object: { status: { observedGeneration: 2 } } }));

    it('is dropped where that may be what was said long ago', () =>
      given(...history)
        .when(reportStatus, report())
        .thenNothing());

    it('removes the object when it acknowledges its deletion: there is nothing to be said after that', () =>
      given(...history, deleting)
        .when(reportStatus, report({ released: true }))
        .then({ type: 'ResourceRemoved', uid: 'u-1' }));
  });

  it('is dropped when the object is gone', () => given(defaultNamespace).when(reportStatus, report()).thenNothing());

  it('is refused for a stranger’s object', () =>
    given(defaultNamespace, waiting)
      .when(reportStatus, report({ export: 'other' }))
      .thenRefused({ type: 'ReportForStranger' }));

  it('is refused when it breaks the schema, or speaks of a generation to come', () => {
    given(defaultNamespace, waiting)
      .when(reportStatus, report({ status: { url: 5 } }))
      .thenRefused({ type: 'ReportInvalid', causes: [{ field: 'status.url' }] });
    given(defaultNamespace, waiting)
      .when(reportStatus, report({ observedGeneration: 2 }))
      .thenRefused({ type: 'ReportInvalid' });
  });

  it('removes the object when it acknowledges its deletion', () =>
    given(defaultNamespace, deleting)
      .when(reportStatus, report({ released: true }))
      .then({ type: 'ResourceRemoved', uid: 'u-1' }));

  it('lets the consumer’s own finalizers hold what the provider has released', () =>
    given(
      defaultNamespace,
      gadgetDeclared({ deletionTimestamp: '2026-01-02T00:00:00Z', finalizers: ['tributary.io/provider-release', 'x.io/f'] }),
    )
      .when(reportStatus, report({ released: true }))
      .then({ type: 'MetadataRevised', object: { metadata: { finalizers: ['x.io/f'] } } }));
});
