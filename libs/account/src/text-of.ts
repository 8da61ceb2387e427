const texts = new WeakMap<object, string>();

/** The JSON text of an object that no longer changes: made once, shared by the event, the answer and every watcher. */
export function textOf(object: object): string {
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return text;
}
