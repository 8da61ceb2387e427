import { untilTrue } from '../../servers/tributary-until.ts';

export type LiveEvent = { readonly event: string; readonly data: Readonly<Record<string, never>> | undefined };
export type ObjectEvent = { readonly type: string; readonly object: Readonly<Record<string, never>> };

/** Reads the events of a response as they come. */
export class EventReader {
  readonly events: LiveEvent[] = [];
  readonly response: Response;
  isOver = false;
  readonly #abort: AbortController;

  constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    void this.#read().catch(() => undefined);
  }

  static async open(url: string, init: RequestInit): Promise<EventReader> {
    const abort = new AbortController();
    return new EventReader(await fetch(url, { ...init, signal: abort.signal }), abort);
  }

  /** `ADDED a`, `MODIFIED a`: the events of the one subscription that is followed. */
  get told(): readonly string[] {
    return this.objects.map(({ type, object }) => `${type} ${(object as unknown as { metadata: { name: string } }).metadata.name}`);
  }

  get objects(): readonly ObjectEvent[] {
    return this.events.flatMap(({ data }) => {
      const result = data as unknown as { data?: Readonly<Record<string, ObjectEvent>> } | undefined;
      return result?.data ? Object.values(result.data) : [];
    });
  }

  async until(what: string, isTrue: () => boolean): Promise<void> {
    await untilTrue(what, isTrue);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of this.response.body ?? []) {
      text += decoder.decode(bytes as Uint8Array, { stream: true });
      for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
        this.#take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
    this.isOver = true;
  }

  #take(block: string): void {
    const event = /^event: ?(.*)$/m.exec(block)?.[1];
    const data = /^data: ?(.+)$/m.exec(block)?.[1];
    if (event !== undefined) this.events.push({ event, data: data === undefined ? undefined : (JSON.parse(data) as LiveEvent['data']) });
  }
}
