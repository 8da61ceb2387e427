import { readFileSync } from 'node:fs';

/** One request that was put to an upstream server, and what it answered. */
export type Recording = {
  readonly title: string;
  readonly section: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** undefined where the recording lacks it. */
  readonly code: number | undefined;
  /** As far as they were recorded: `content-type`, `warning`, `retry-after`. A name stands once per value. */
  readonly answered: readonly (readonly [name: string, value: string])[];
  readonly answer: RecordedAnswer;
};

export type RecordedAnswer =
  | { readonly type: 'text'; readonly text: string }
  /** What a script kept of an object, and its managedFields where it kept them. */
  | { readonly type: 'summary'; readonly summary: Readonly<Record<string, unknown>>; readonly managers: readonly unknown[] | undefined }
  | {
      readonly type: 'list';
      readonly listKind: string;
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly names: readonly string[];
    };

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** All of them, in the order in which they were put to the server. */
export function recordings(): readonly Recording[] {
  return ['answers-1.txt', 'answers-2.txt', 'answers-3.txt'].flatMap((file) => {
    let section = '';
    return read(file)
      .split(/^(?=>>> |==+ )/m)
      .flatMap((text) => {
        const heading = /^==+ (.*)/.exec(text)?.[1];
        if (heading !== undefined) section = heading;
        return text.startsWith('>>> ') ? [recordingOf(text, `${file} ${section}`)] : [];
      });
  });
}

function recordingOf(text: string, section: string): Recording {
  const [request = '', ...lines] = text.split('\n');
  const [, method = '', path = '', sentHeader, body = ''] =
    /^>>> (\S+) (\S+)(?: +(?:-H )?((?:Content-Type|Accept): .*?)(?= -d | [[{]| ?$)(?: -d)?)? ?(.*?) ?$/.exec(request) ?? [];
  const [name = '', value = ''] = (sentHeader ?? '').split(': ');
  const sent = { title: `${method} ${path} ${value} ${body}`.slice(0, 160), section, method, path, body };
  const headers = name === '' ? {} : { [name.toLowerCase()]: value };
  return { ...sent, headers, ...answerOf(lines) };
}

function answerOf(lines: readonly string[]): Pick<Recording, 'code' | 'answered' | 'answer'> {
  // Of one request the client's complaint stands in front, without the head.
  if (lines[0]?.startsWith('curl: ')) return { code: undefined, answered: [], answer: bodyOf(lines.slice(1)) };
  const head = /^(?:HTTP\/2| {3}) *(\d{3}) *(.*)$/.exec(lines[0] ?? '');
  const answered = lines.flatMap((line) => {
    const header = /^(?: +h: | {5})?(content-type|warning|retry-after): (.*)$/.exec(line);
    return header ? [[header[1] ?? '', header[2] ?? ''] as const] : [];
  });
  const rest = [head?.[2] ?? '', ...lines.slice(1)];
  return { code: head ? Number(head[1]) : undefined, answered, answer: bodyOf(rest) };
}

function bodyOf(lines: readonly string[]): RecordedAnswer {
  const list = /^(\w+List) (\{.*?\}) \[(.*)\]$/.exec(lines[0] ?? '');
  if (list) {
    const names = [...(list[3] ?? '').matchAll(/\('([^']*)', '([^']*)'\)/g)].map(([, namespace, name]) => `${namespace}/${name}`);
    return { type: 'list', listKind: list[1] ?? '', metadata: JSON.parse(list[2] ?? '') as Record<string, unknown>, names };
  }
  const summary = lines.find((line) => /^ ?\{"/.test(line));
  if (summary !== undefined) {
    const managers = lines.filter((line) => line.startsWith('       mf ')).map((line) => JSON.parse(line.slice(10)) as unknown);
    return {
      type: 'summary',
      summary: JSON.parse(summary) as Record<string, unknown>,
      managers: managers.length > 0 ? managers : undefined,
    };
  }
  const isHeader = (line: string): boolean =>
    /^(?: +h: )?(content-type|cache-control|warning|retry-after|x-content-type-options): /.test(line);
  const text = lines.filter((line) => !isHeader(line)).join('\n');
  return { type: 'text', text: text.replace(/^\n/, '') };
}
