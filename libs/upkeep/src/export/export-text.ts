import { yamlText } from '#kube';
import type { ExportedItem } from './export-account.ts';

/** A YAML document larger than this is written as JSON, which is YAML too: the decoders of servers take no more of the other. */
const yamlBytesMax = 512 * 1024;

/** The text of each item: a document, or a comment. `json`: one object on a line; there is no place for comments there. */
export async function* exportText(items: AsyncIterable<ExportedItem>, form: 'yaml' | 'json'): AsyncGenerator<string> {
  for await (const item of items) {
    if (item.type === 'leftOut') {
      if (form === 'yaml') yield `# left out: ${oneLine(item.what)}, ${item.why}\n`;
      continue;
    }
    const json = JSON.stringify(item.object);
    if (form === 'json') yield `${json}\n`;
    else yield `---\n${json.length > yamlBytesMax ? `${json}\n` : yamlText(item.object)}`;
  }
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');
