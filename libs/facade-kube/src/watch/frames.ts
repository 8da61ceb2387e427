import type { StoredObject, WatchEvent } from '#workspace';
import { metadataText, rowText, tableHead, type TableView, type View } from '../representation.ts';

export type FrameType = WatchEvent['type'];

/** Turns events into the lines of a watch. One per stream, since a Table shows its columns only once. */
export type Framer = (type: FrameType, object: StoredObject) => Buffer;

export function framerFor(view: View): Framer {
  if (view.table !== undefined) return tableFramer(view.table);
  const { metadata } = view;
  if (metadata !== undefined)
    return (type, object) =>
      cachedFrame(metadata === 'v1' ? metadataFrames : oldMetadataFrames, type, object, () => metadataText(object, metadata));
  return wholeFrame;
}

/** A line with any other object: a bookmark, an error. */
export function frameOf(type: 'BOOKMARK' | 'ERROR', objectText: string): Buffer {
  return Buffer.from(`{"type":"${type}","object":${objectText}}\n`);
}

type Frames = { [Type in FrameType]?: Buffer };
type FrameCache = WeakMap<StoredObject, Frames>;

// The bytes of an object's version are made once, whoever watches it.
const wholeFrames: FrameCache = new WeakMap();
const metadataFrames: FrameCache = new WeakMap();
const oldMetadataFrames: FrameCache = new WeakMap();

const wholeFrame: Framer = (type, object) => {
  const known = wholeFrames.get(object)?.[type];
  return known ?? cachedFrame(wholeFrames, type, object, () => object.text);
};

function cachedFrame(cache: FrameCache, type: FrameType, object: StoredObject, text: () => string): Buffer {
  let frames = cache.get(object);
  if (frames === undefined) cache.set(object, (frames = {}));
  return (frames[type] ??= Buffer.from(`{"type":"${type}","object":${text()}}\n`));
}

/** Rows carry ages, so that their bytes are worth nothing a second later. */
function tableFramer(table: TableView): Framer {
  let isFirst = true;
  return (type, object) => {
    const head = tableHead(table, { resourceVersion: object.object.metadata.resourceVersion }, isFirst);
    isFirst = false;
    return Buffer.from(`{"type":"${type}","object":${head},"rows":[${rowText(object, table)}]}}\n`);
  };
}
