import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { statusFailure, type StatusFailure } from '#kube';
import type { StoredObject } from '#workspace';
import { failure, type Answer, type ResourceExchange } from '../exchange.ts';
import {
  acceptsGzip,
  beginResponse,
  drained,
  gzipFrom,
  isPretty,
  jsonHeaders,
  prettyText,
  sendText,
  yamlHeaders,
  zippedHeaders,
} from '../http/send.ts';
import { writeContinueToken } from '../options/continue-token.ts';
import { readListOptions, tooLargeResourceVersion, type ListOptions } from '../options/list-options.ts';
import { asYaml, itemText, tableHead, viewOf, type View } from '../representation.ts';

/** GET of a collection. All pages of one list show one position. */
export async function answerList(exchange: ResourceExchange): Promise<Answer> {
  const options = readListOptions(exchange);
  if (options.type === 'invalid') return failure(options.status);
  const page = await selectList(exchange, options);
  return page.type === 'failure' ? page : sendList(exchange, page.items, page);
}

type Failure = Extract<Answer, { readonly type: 'failure' }>;

/** The page of a collection that the options select. */
export async function selectList(exchange: ResourceExchange, options: ListOptions): Promise<Page | Failure> {
  const { workspace, kind, version, path } = exchange;
  const asked = options.resourceVersion;
  const at = options.continue?.position ?? (options.match === 'Exact' ? asked : undefined);
  const { selector } = options;
  const listed = await workspace.list({
    kind,
    version: version.name,
    namespace: path.namespace,
    ...(selector === undefined ? {} : { selector }),
    ...(at === undefined ? {} : { at }),
  });
  if (listed.type === 'expired') return { type: 'failure', status: expired(options) };
  // Asked only now: reading has caught up with what other processes may have written.
  const current = asked === undefined ? undefined : await workspace.positionOf(kind);
  if (asked !== undefined && current !== undefined && asked > current)
    return { type: 'failure', status: tooLargeResourceVersion(asked, current).status };
  return pageOf(listed.items, listed.position, options);
}

export type ListMetadata = { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };

type Page = { readonly type: 'page'; readonly items: readonly StoredObject[]; readonly metadata: ListMetadata };

function pageOf(all: readonly StoredObject[], position: bigint, options: ListOptions): Page {
  const begin = options.continue === undefined ? 0 : firstBehind(all, options.continue);
  // A list from any version (resourceVersion=0) is answered whole, as upstream's watch cache does.
  const limit = options.resourceVersion === 0n ? 0 : options.limit;
  const end = limit === 0 ? all.length : Math.min(all.length, begin + limit);
  const items = begin === 0 && end === all.length ? all : all.slice(begin, end);
  const last = items.at(-1);
  const resourceVersion = String(position);
  if (end === all.length || last === undefined) return { type: 'page', items, metadata: { resourceVersion } };
  const token = writeContinueToken({ position, namespace: last.namespace, name: last.name });
  // With a selector upstream does not know how many would remain, and clients must not rely on it.
  return {
    type: 'page',
    items,
    metadata: { resourceVersion, continue: token, ...(options.selector === undefined ? { remainingItemCount: all.length - end } : {}) },
  };
}

type Key = { readonly namespace: string; readonly name: string };

function firstBehind(items: readonly StoredObject[], key: Key): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(items[middle] as StoredObject, key)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const isBehind = (item: Key, key: Key): boolean =>
  item.namespace === key.namespace ? item.name > key.name : item.namespace > key.namespace;

/** 410, with a token that goes on from the same place in the list as it is now. */
function expired({ continue: token }: ListOptions): StatusFailure {
  if (token === undefined) return statusFailure('Expired', 'The resourceVersion for the provided list is too old.');
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  return { ...statusFailure('Expired', message), metadata: { continue: writeContinueToken({ ...token, position: undefined }) } };
}

/** Items are turned into text in turns of so many, so that other requests get theirs in between. */
const itemsPerTurn = 100;
const prettyItemsMax = 1_000;

export async function sendList(exchange: ResourceExchange, items: readonly StoredObject[], listed: Listed): Promise<Answer> {
  const { metadata } = listed;
  const warnings = [...deprecation(exchange), ...(listed.warnings ?? [])];
  const view = viewOf(exchange);
  const form = view.isYaml ? yamlForm(exchange, view, metadata) : jsonForm(exchange, view, metadata);
  const pretty = !view.isYaml && items.length <= prettyItemsMax && isPretty(exchange);
  if (items.length <= itemsPerTurn || pretty) {
    const text = items.length === 0 ? form.empty : form.head + items.map(form.item).join(form.separator) + form.tail;
    sendText(exchange, {
      code: 200,
      text: pretty ? prettyText(text) : text,
      headers: form.headers,
      warnings,
    });
    return { type: 'streamed' };
  }
  await streamList(exchange, items, form, warnings);
  return { type: 'streamed' };
}

type Listed = { readonly metadata: ListMetadata; readonly warnings?: readonly string[] };

type ListForm = {
  readonly headers: Readonly<Record<string, string>>;
  readonly head: string;
  readonly item: (object: StoredObject) => string;
  readonly separator: string;
  readonly tail: string;
  /** The whole text of a list without items. */
  readonly empty: string;
};

function jsonForm(exchange: ResourceExchange, view: View, metadata: ListMetadata): ListForm {
  const head = listHead(exchange, view, metadata);
  return { headers: jsonHeaders, head, item: (object) => itemText(object, view), separator: ',', tail: ']}\n', empty: `${head}]}\n` };
}

/** The same as JSON, piece by piece: a YAML list is written at the depth of the field that holds it. */
function yamlForm(exchange: ResourceExchange, view: View, metadata: ListMetadata): ListForm {
  const field = view.table === undefined ? 'items' : 'rows';
  const whole = JSON.parse(`${listHead(exchange, view, metadata)}]}`) as Readonly<Record<string, unknown>>;
  const { [field]: none, ...fields } = whole;
  const head = `${asYaml(JSON.stringify(fields))}${field}:\n`;
  return {
    headers: yamlHeaders,
    head,
    item: (object) => asYaml(`[${itemText(object, view)}]`),
    separator: '',
    tail: '',
    empty: asYaml(JSON.stringify({ ...fields, [field]: none })),
  };
}

/** JSON up to the first item. */
function listHead({ kind, version }: ResourceExchange, view: View, metadata: ListMetadata): string {
  if (view.table !== undefined) return `${tableHead(view.table, metadata)},"rows":[`;
  if (view.metadata !== undefined)
    return `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${view.metadata}","metadata":${JSON.stringify(metadata)},"items":[`;
  const apiVersion = kind.group === '' ? version.name : `${kind.group}/${version.name}`;
  return `{"kind":${JSON.stringify(kind.listKind)},"apiVersion":"${apiVersion}","metadata":${JSON.stringify({ continue: '', ...metadata })},"items":[`;
}

function deprecation({ version }: ResourceExchange): readonly string[] {
  return version.deprecationWarning === undefined ? [] : [version.deprecationWarning];
}

async function streamList(
  exchange: ResourceExchange,
  items: readonly StoredObject[],
  form: ListForm,
  warnings: readonly string[],
): Promise<void> {
  const { response } = exchange;
  // Its time may have been up before there was anything to say.
  if (response.headersSent) return;
  const first = form.head + items.slice(0, itemsPerTurn).map(form.item).join(form.separator);
  const zipped = acceptsGzip(exchange) && (first.length / itemsPerTurn) * items.length >= gzipFrom;
  beginResponse(exchange, 200, zipped ? zippedHeaders(form.headers) : form.headers, warnings);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const out = zipped ? createGzip({ level: 1 }) : response;
  if (out !== response) out.pipe(response);
  response.flushHeaders();
  out.write(first);
  for (let at = itemsPerTurn; at < items.length && !response.destroyed; at += itemsPerTurn) {
    await nextTurn();
    const text =
      form.separator +
      items
        .slice(at, at + itemsPerTurn)
        .map(form.item)
        .join(form.separator);
    if (!out.write(text) && !response.destroyed) await drained(out, response);
  }
  if (response.destroyed && out !== response) out.destroy();
  else out.end(form.tail);
}
