import type { StoredObject, WatchEvent } from '#workspace';

type Frames = { [Type in WatchEvent['type']]?: Buffer };
type Form = 'whole' | 'metadata' | 'oldMetadata';

/** So many bytes of frames are at hand, then they are made anew: objects live for years, their frames are asked for within milliseconds. */
const keptBytesMaxDefault = 16 * 1024 * 1024;
const slabBytes = 64 * 1024;
/** UTF-8 takes no more for a unit of UTF-16. */
const bytesPerUnitMax = 3;

/**
 * The bytes of an object's version, made once for all who watch it. They stand in pieces of memory of their own: a `Buffer.from` would take them
 * from the pool that node gives to everybody, and one frame that is kept keeps 64 KB of it.
 */
export class FrameShelf {
  readonly #keptBytesMax: number;
  #frames = emptyFrames();
  #keptBytes = 0;
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(keptBytesMax = keptBytesMaxDefault) {
    this.#keptBytesMax = keptBytesMax;
  }

  find(form: Form, type: WatchEvent['type'], object: StoredObject): Buffer | undefined {
    return this.#frames[form].get(object)?.[type];
  }

  keep(form: Form, type: WatchEvent['type'], object: StoredObject, text: string): Buffer {
    if (this.#keptBytes >= this.#keptBytesMax) this.#forget();
    const ofForm = this.#frames[form];
    let frames = ofForm.get(object);
    if (frames === undefined) ofForm.set(object, (frames = {}));
    return (frames[type] = this.#bytesOf(text));
  }

  #bytesOf(text: string): Buffer {
    const most = text.length * bytesPerUnitMax;
    if (most > slabBytes / 4) return this.#own(text);
    if (this.#used + most > this.#slab.length) this.#slab = this.#newSlab();
    const end = this.#used + this.#slab.write(text, this.#used);
    const bytes = this.#slab.subarray(this.#used, end);
    this.#used = end;
    return bytes;
  }

  #own(text: string): Buffer {
    const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    bytes.write(text);
    this.#keptBytes += bytes.length;
    return bytes;
  }

  #newSlab(): Buffer {
    this.#used = 0;
    this.#keptBytes += slabBytes;
    return Buffer.allocUnsafeSlow(slabBytes);
  }

  #forget(): void {
    this.#frames = emptyFrames();
    this.#keptBytes = 0;
    this.#slab = Buffer.alloc(0);
    this.#used = 0;
  }
}

const emptyFrames = (): Record<Form, WeakMap<StoredObject, Frames>> => ({
  whole: new WeakMap(),
  metadata: new WeakMap(),
  oldMetadata: new WeakMap(),
});
