/** One command of the battery and everything that it must answer. */
export type Step = {
  /** What is typed after `kubectl`, with a shell's quotes. `{prefix}` is what a raw path begins with. */
  readonly run: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is printed on stdout and on stderr. Absent: nothing. */
  readonly out?: Expected;
  readonly err?: Expected;
  /** Absent: 0. */
  readonly code?: number;
  /** Which kubectl knows the command, as minor versions, both included. */
  readonly since?: number;
  readonly until?: number;
  /** For a command that goes on until it is stopped. */
  readonly meanwhile?: Meanwhile;
};

/** What happens while a command goes on. It is stopped once it has printed what is expected; where a `code` is expected, it ends by itself. */
export type Meanwhile = {
  /** Printed on stdout or stderr once the command is under way. */
  readonly begun: RegExp;
  /** Commands that must succeed. */
  readonly run?: readonly string[];
};

/** A text is compared line by line, with what differs from run to run put aside on both sides: see `comparable`. */
export type Expected = Text | ((minor: number) => Text);
type Text = string | RegExp;

/** Takes the indentation off a text that stands in a program. */
export function text(indented: string): string {
  const lines = indented.replace(/^\n/, '').trimEnd().split('\n');
  const depths = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const depth = Math.min(...depths);
  return lines.map((line) => line.slice(depth)).join('\n');
}

/**
 * A printed text without ages, identities, times and versions, and with one width of the gap between a table's columns, which follows the
 * widest age.
 */
export function comparable(printed: string): string {
  return printed
    .trimEnd()
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uid>')
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replaceAll(/(kcp\.io\/cluster"?: "?)[a-z0-9]+/g, '$1<cluster>')
    .replaceAll(/(resourceVersion"?: )"\d+"/g, '$1"<version>"')
    .replaceAll(/(?<=^|\s)(\d+[smhd])+(?=[\s)]|$)/gm, '<age>')
    .replaceAll(/(?<=\S) {3,}(?=\S)/g, '   ')
    .replaceAll(/[ \t]+$/gm, '');
}

/** The words of a command as a shell would split them: spaces part, quotes of either kind keep together. */
export function wordsOf(typed: string): string[] {
  return [...typed.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}
