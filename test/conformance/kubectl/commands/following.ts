import { text, type Step } from '../step.ts';

/** What it says with -v=6 once the server has answered. */
const watching = /watch=true.*200 OK/;

/** Watches, waits and events. */
export const following: readonly Step[] = [
  {
    run: 'get cm -l app=watched --watch --output-watch-events -v=6',
    meanwhile: {
      begun: watching,
      run: [
        'create cm w --from-literal=a=1',
        'label cm w app=watched',
        'patch cm w -p \'{"data":{"b":"2"}}\'',
        'label cm w app-',
        'delete cm w',
      ],
    },
    out: text(`
      EVENT      NAME   DATA   AGE
      ADDED      w      1      0s
      MODIFIED   w      2      0s
      DELETED    w      2      0s
    `),
    err: watching,
  },
  {
    run: 'get cm a --watch -o "jsonpath={.metadata.labels.seen}{\'\\n\'}"',
    meanwhile: { begun: /^\n/, run: ['label cm a seen=one', 'label cm a seen=two --overwrite'] },
    out: '\none\ntwo',
  },
  {
    run: 'get cm a --watch-only -o name -v=6',
    meanwhile: { begun: watching, run: ['annotate cm a watched=yes'] },
    out: 'configmap/a',
    err: watching,
  },
  {
    run: 'get cm a --watch',
    meanwhile: { begun: /\na /, run: ['patch cm a -p \'{"data":{"z":"3"}}\''] },
    out: text(`
      NAME   DATA   AGE
      a      2      1s
      a      3      1s
    `),
  },
  { run: 'wait --for=jsonpath={.data.z}=3 cm/a --timeout=5s', out: 'configmap/a condition met' },
  {
    run: 'wait --for=jsonpath={.data.z}=4 cm/a --timeout=300ms',
    code: 1,
    err: 'error: timed out waiting for the condition on configmaps/a',
  },
  {
    run: 'wait --for=jsonpath={.data.z}=4 cm/a --timeout=20s -v=6',
    meanwhile: { begun: watching, run: ['patch cm a -p \'{"data":{"z":"4"}}\''] },
    code: 0,
    err: watching,
    out: 'configmap/a condition met',
  },
  {
    run: `patch ns team --subresource=status --type=merge -p '{"status":{"conditions":[{"type":"Seen","status":"True"}]}}'`,
    out: /^namespace\/team patched( \(no change\))?$/,
  },
  { run: 'get ns team -o jsonpath={.status.conditions[*].type}', out: 'Seen' },
  { run: 'wait --for=condition=Seen ns/team --timeout=5s', out: 'namespace/team condition met' },
  {
    run: 'wait --for=condition=Lost ns/team --timeout=300ms',
    code: 1,
    err: 'error: timed out waiting for the condition on namespaces/team',
  },
  { run: 'wait --for=delete cm/nothing --timeout=5s', err: '' },
  {
    run: 'wait --for=condition=Ready cm/nothing --timeout=5s',
    code: 1,
    err: 'Error from server (NotFound): configmaps "nothing" not found',
  },
  {
    run: 'wait --for=create cm/late --timeout=20s -v=6',
    meanwhile: { begun: /404 Not Found/, run: ['create cm late'] },
    code: 0,
    err: /404 Not Found/,
    out: 'configmap/late condition met',
    since: 31,
  },
  { run: 'create -f event.yaml', out: 'event/shop.1 created' },
  {
    run: 'events',
    out: text(`
      LAST SEEN             TYPE     REASON    OBJECT           MESSAGE
      326d (x3 over 326d)   Normal   Painted   ConfigMap/shop   the shop is blue now
    `),
  },
  { run: 'get events', out: /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\S+ +Normal +Painted +configmap\/shop +the shop is blue now$/ },
  { run: 'get events --field-selector involvedObject.name=shop,reason=Painted,type!=Warning -o name', out: 'event/shop.1' },
  {
    run: 'get events.v1.events.k8s.io shop.1 -o jsonpath={.note},{.regarding.name},{.deprecatedCount}',
    out: 'the shop is blue now,shop,3',
  },
  { run: 'events --for cm/nothing', err: 'No events found in team namespace.' },
  { run: 'events --types=Warning', err: 'No events found in team namespace.' },
];
