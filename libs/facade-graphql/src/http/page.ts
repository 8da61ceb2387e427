import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Written } from '../visit.ts';

/**
 * A page to ask from, which brings all that it needs: nothing is fetched from elsewhere, and the token stays in the field that it is entered into.
 * The same for everybody, so that it tells nothing of any workspace.
 */
export function pageFor({ method, url = '', headers }: IncomingMessage): Written | undefined {
  if (method !== 'GET' || url.includes('?') || headers.accept?.includes('text/html') !== true) return undefined;
  return page;
}

const style = `
body { font: 14px system-ui, sans-serif; margin: 0; display: grid; grid-template: auto 1fr / 1fr 1fr; height: 100vh; }
header { grid-column: 1 / 3; display: flex; gap: 8px; padding: 8px; align-items: center; border-bottom: 1px solid #ccc; }
header input { flex: 1; }
section { display: flex; flex-direction: column; min-height: 0; }
textarea, pre { font: 13px ui-monospace, monospace; margin: 0; padding: 8px; border: 0; border-right: 1px solid #ccc; resize: none; overflow: auto; flex: 1; white-space: pre-wrap; }
#variables { flex: 0 0 8em; border-top: 1px solid #ccc; }
`;

const script = `
const at = (id) => document.getElementById(id);
let running;
const show = (text) => { at('result').textContent += text + '\\n'; };
const pretty = (text) => { try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; } };
async function run(query, variables) {
  running?.abort();
  running = new AbortController();
  at('result').textContent = '';
  try {
    const headers = { 'Content-Type': 'application/json', Accept: /^\\s*subscription\\b/m.test(query) ? 'text/event-stream' : 'application/json' };
    if (at('token').value !== '') headers.Authorization = 'Bearer ' + at('token').value.trim();
    const body = JSON.stringify({ query, variables: variables.trim() === '' ? undefined : JSON.parse(variables) });
    const response = await fetch(location.href, { method: 'POST', headers, body, signal: running.signal });
    if (!(response.headers.get('content-type') || '').includes('event-stream')) return show(pretty(await response.text()));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += value;
      for (let end; (end = rest.indexOf('\\n\\n')) !== -1; rest = rest.slice(end + 2)) {
        const data = /^data: (.*)$/m.exec(rest.slice(0, end));
        if (data) show(pretty(data[1]));
      }
    }
  } catch (failure) {
    if (failure.name !== 'AbortError') show(String(failure));
  }
}
const ask = () => run(at('query').value, at('variables').value);
const fields = 'fields { name description args { name type { name kind ofType { name } } } type { name kind ofType { name } } }';
at('run').onclick = ask;
at('stop').onclick = () => running?.abort();
at('schema').onclick = () => run('{ __schema { queryType { ' + fields + ' } mutationType { ' + fields + ' } subscriptionType { ' + fields + ' } } }', '');
document.onkeydown = (event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) ask(); };
`;

const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>GraphQL</title><style>${style}</style></head>
<body>
<header>
<label for="token">Token</label><input id="token" type="password" autocomplete="off" spellcheck="false">
<button id="run" title="Ctrl-Enter">Run</button><button id="stop">Stop</button><button id="schema">Schema</button>
</header>
<section>
<textarea id="query" aria-label="Query" spellcheck="false">{
  v1 {
    Namespaces { items { metadata { name } } }
  }
}</textarea>
<textarea id="variables" aria-label="Variables" placeholder="Variables, as JSON" spellcheck="false"></textarea>
</section>
<section><pre id="result" aria-live="polite"></pre></section>
<script>${script}</script>
</body>
</html>
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const page: Written = {
  code: 200,
  text: html,
  headers: {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  },
};
