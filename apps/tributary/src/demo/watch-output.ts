/** What `kubectl get --watch --output-watch-events --output=json` prints, one event per line. */
export type SeenEvent = {
  readonly type: string;
  readonly object: {
    readonly metadata: {
      readonly name: string;
      readonly resourceVersion: string;
      readonly generation: number;
      readonly deletionTimestamp?: string;
    };
    readonly spec: { readonly region: string };
    readonly status?: {
      readonly observedGeneration?: number;
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  };
};

/** Every event that is there in whole: one per line. */
export function seenEvents(output: string): readonly SeenEvent[] {
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SeenEvent);
}

/** What happened to one instance, one word per step. What a step says twice counts once. */
export function storyOf(name: string, events: readonly SeenEvent[]): readonly string[] {
  const words = events.filter(({ object }) => object.metadata.name === name).map(wordFor);
  return words.filter((word, index) => word !== words[index - 1]);
}

function wordFor({ type, object: { metadata, status } }: SeenEvent): string {
  if (type === 'DELETED') return 'gone';
  if (metadata.deletionTimestamp !== undefined) return 'leaving';
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready')?.status;
  return ready === 'True' ? `generation ${status?.observedGeneration} ready` : `generation ${metadata.generation} waiting`;
}
