import { text, type Step } from '../step.ts';

const notImmutable = 'field is immutable when `immutable` is set';

/** Secrets in all their forms, tokens, and quotas. */
export const secrets: readonly Step[] = [
  { run: 'create secret generic plain --from-literal=user=ann --from-literal=password=s3cret', out: 'secret/plain created' },
  { run: 'create secret generic typed --type=example.com/kind --from-file=greeting.txt', out: 'secret/typed created' },
  {
    run: 'create secret docker-registry registry --docker-server=r.example.com --docker-username=ann --docker-password=p',
    out: 'secret/registry created',
  },
  {
    run: 'create secret tls broken --cert=greeting.txt --key=greeting.txt',
    code: 1,
    err: /^error: tls: failed to find any PEM data in certificate input$/,
  },
  {
    run: 'get secrets plain typed registry',
    out: text(`
      NAME       TYPE                             DATA   AGE
      plain      Opaque                           2      1s
      typed      example.com/kind                 1      1s
      registry   kubernetes.io/dockerconfigjson   1      1s
    `),
  },
  { run: 'get secrets --field-selector type=example.com/kind -o name', out: 'secret/typed' },
  { run: 'get secret plain -o "go-template={{.data.password | base64decode}}"', out: 's3cret' },
  {
    run: 'describe secret plain',
    out: /^Name: +plain\nNamespace: +team\nLabels: +<none>\nAnnotations: +kcp\.io\/cluster: <cluster>\n\nType: +Opaque\n\nData\n====\n(password: +6 bytes\nuser: +3 bytes|user: +3 bytes\npassword: +6 bytes)$/,
  },
  {
    run: 'apply -f -',
    stdin: '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"written"},"stringData":{"a":"b"}}',
    out: 'secret/written created',
  },
  { run: 'get secret written -o jsonpath={.type},{.data},{.stringData}', out: 'Opaque,{"a":"Yg=="},' },
  { run: `patch secret written -p '{"immutable":true}'`, out: 'secret/written patched' },
  {
    run: `patch secret written -p '{"stringData":{"a":"c"}}'`,
    code: 1,
    err: `The Secret "written" is invalid: data: Forbidden: ${notImmutable}`,
  },
  {
    run: `patch secret plain -p '{"type":"other"}'`,
    code: 1,
    err: 'The Secret "plain" is invalid: type: Invalid value: "other": field is immutable',
  },
  {
    run: 'create secret generic nokey --type=kubernetes.io/tls --from-literal=tls.crt=x',
    code: 1,
    err: /^error: failed to create secret Secret "nokey" is invalid: data\[tls\.key\]: Required value$|^The Secret "nokey" is invalid: data\[tls\.key\]: Required value$/,
  },
  { run: 'create token robot', out: /^[\w-]+\.[\w-]+\.[\w-]+$/ },
  {
    run: 'create token robot --duration=10m --audience=other -o jsonpath={.kind},{.spec.expirationSeconds},{.spec.audiences}',
    out: 'TokenRequest,600,["other"]',
  },
  { run: 'create token robot --duration=1m', code: 1, err: /may not specify a duration less than 10 minutes/ },
  { run: 'create token nobody', code: 1, err: /serviceaccounts "nobody" not found$/ },
  {
    run: 'apply -f -',
    stdin:
      '{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/service-account-token","metadata":{"name":"lasting","annotations":{"kubernetes.io/service-account.name":"robot"}}}',
    out: 'secret/lasting created',
  },
  { run: 'wait --for=jsonpath={.data.token} secret/lasting --timeout=10s', out: 'secret/lasting condition met', since: 31 },
  { run: 'create quota few --hard=count/secrets=1,configmaps=1000', out: 'resourcequota/few created' },
  { run: 'wait --for=jsonpath={.status.hard.configmaps}=1k resourcequota/few --timeout=10s', out: 'resourcequota/few condition met' },
  {
    run: 'create secret generic more --from-literal=a=b',
    code: 1,
    err: /secrets "more" is forbidden: exceeded quota: few, requested: count\/secrets=1, used: count\/secrets=\d+, limited: count\/secrets=1$/,
  },
  { run: 'get quota few -o jsonpath={.spec.hard}', out: '{"configmaps":"1k","count/secrets":"1"}' },
  {
    run: 'describe quota few',
    out: /^Name: +few\nNamespace: +team\nResource +Used +Hard\n-+ +-+ +-+\nconfigmaps +\d+ +1k\ncount\/secrets +\d+ +1$/,
  },
  { run: 'delete quota few', out: (minor) => `resourcequota "few" deleted${minor >= 34 ? ' from team namespace' : ''}` },
];
