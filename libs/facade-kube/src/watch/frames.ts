import type { StoredObject, WatchEvent } from '#workspace';
import { metadataText, rowText, tableHead, type TableView, type View } from '../representation.ts';
import { FrameShelf } from './frame-shelf.ts';

export type FrameType = WatchEvent['type'];

/** Turns events into the lines of a watch. One per stream, since a Table shows its columns only once. */
export type Framer = (type: FrameType, object: StoredObject) => Buffer;

export function framerFor(view: View): Framer {
  if (view.table !== undefined) return tableFramer(view.table);
  const { metadata } = view;
  if (metadata === undefined) return wholeFrame;
  const form = metadata === 'v1' ? 'metadata' : 'oldMetadata';
  return (type, object) => shelf.find(form, type, object) ?? shelf.keep(form, type, object, lineOf(type, metadataText(object, metadata)));
}

/** A line with any other object: a bookmark, an error. */
export function frameOf(type: 'BOOKMARK' | 'ERROR', objectText: string): Buffer {
  return Buffer.from(`{"type":"${type}","object":${objectText}}\n`);
}

const shelf = new FrameShelf();

const wholeFrame: Framer = (type, object) =>
  shelf.find('whole', type, object) ?? shelf.keep('whole', type, object, lineOf(type, object.text));

const lineOf = (type: FrameType, objectText: string): string => `{"type":"${type}","object":${objectText}}\n`;

/** Rows carry ages, so that their bytes are worth nothing a second later. */
function tableFramer(table: TableView): Framer {
  let isFirst = true;
  return (type, object) => {
    const head = tableHead(table, { resourceVersion: object.object.metadata.resourceVersion }, isFirst);
    isFirst = false;
    return Buffer.from(`{"type":"${type}","object":${head},"rows":[${rowText(object, table)}]}}\n`);
  };
}
