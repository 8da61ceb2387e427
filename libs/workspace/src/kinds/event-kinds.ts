import type { JsonObject, KubeObject, PrinterColumn, ServedKind } from '#kube';
import { declareKind, object, string } from '#provider';
import { count, flat, microTime, reference } from './core-kinds.ts';

// Two kinds, one store: events.k8s.io shows the Events of the core group with some fields under other names.

const time = (description: string): JsonObject => string(description, { format: 'date-time' });

const series = object({
  count: count('How often it happened', 0),
  lastObservedTime: microTime('When it was last seen'),
});
const source = object({ component: string('Which program'), host: string('Where it runs') });

const both = {
  eventTime: microTime('When it was first seen'),
  series,
  action: string('What was done or failed'),
  reason: string('Why, in one word'),
  related: reference('Another object that it is about'),
  reportingInstance: string('Which instance of the program'),
  type: string('Normal or Warning'),
};

/** Fields of the core group's Event, and what events.k8s.io calls them. */
const otherNames = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
] as const;

const schemas: Readonly<Record<(typeof otherNames)[number][0], JsonObject>> = {
  involvedObject: reference('The object that it is about'),
  message: string('What happened, for people'),
  reportingComponent: string('Which controller says so'),
  source,
  firstTimestamp: time('When it was first seen, in the older form'),
  lastTimestamp: time('When it was last seen, in the older form'),
  count: count('How often it was seen, in the older form', 0),
};

type EventObject = KubeObject & {
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly fieldPath?: string };
  readonly source?: { readonly component?: string; readonly host?: string };
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
  readonly [time: string]: unknown;
};

const lastSeen = ({ series: repeated, lastTimestamp, eventTime, metadata }: EventObject): unknown =>
  repeated?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;

const columns: readonly PrinterColumn[] = [
  { name: 'Last Seen', type: 'date', jsonPath: '.lastTimestamp', read: (event) => lastSeen(event as EventObject) },
  { name: 'Type', type: 'string', jsonPath: '.type' },
  { name: 'Reason', type: 'string', jsonPath: '.reason' },
  {
    name: 'Object',
    type: 'string',
    jsonPath: '.involvedObject',
    read: (event) => {
      const { kind = '', name = '' } = (event as EventObject).involvedObject ?? {};
      return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
    },
  },
  { name: 'Subobject', type: 'string', jsonPath: '.involvedObject.fieldPath', priority: 1 },
  { name: 'Source', type: 'string', jsonPath: '.source', priority: 1, read: (event) => sourceText(event as EventObject) },
  { name: 'Message', type: 'string', jsonPath: '.message' },
  {
    name: 'First Seen',
    type: 'date',
    jsonPath: '.firstTimestamp',
    priority: 1,
    read: (event) => (event as EventObject)['firstTimestamp'] ?? (event as EventObject)['eventTime'],
  },
  {
    name: 'Count',
    type: 'string',
    jsonPath: '.count',
    priority: 1,
    read: (event) => (event as EventObject).series?.count ?? (event as EventObject)['count'] ?? 1,
  },
  { name: 'Name', type: 'string', jsonPath: '.metadata.name', priority: 1 },
];

const sourceText = ({ source: from, reportingComponent }: EventObject): string =>
  [from?.component ?? (reportingComponent as string | undefined) ?? '', ...(from?.host ? [from.host] : [])].join(', ');

const declared = { resource: 'events', kind: 'Event', shortNames: ['ev'], namespaced: true } as const;
const nature = {
  compiledIn: true,
  ephemeral: true,
  statusSubresource: false,
  hasGeneration: false,
  unconditionalUpdate: true,
  createdByUpdate: true,
} as const;
const partsOf = (field: string): readonly string[] =>
  ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((part) => `${field}.${part}`);

export const coreEvents: ServedKind = declareKind({
  group: '',
  ...declared,
  ...nature,
  versions: [
    {
      name: 'v1',
      columns,
      selectableFields: [...partsOf('involvedObject'), 'reason', 'reportingComponent', 'source', 'type'],
      selectedBy: {
        source: (event) => (event as EventObject).source?.component ?? String((event as EventObject)['reportingComponent'] ?? ''),
      },
      schema: flat('Something that happened to an object', { ...both, ...schemas }),
    },
  ],
});

export const events: ServedKind = declareKind({
  group: 'events.k8s.io',
  ...declared,
  ...nature,
  versions: [
    {
      name: 'v1',
      columns: columns.map((column) => ({ ...column, read: (event) => cellOf(column, inCoreGroup(event)) })),
      selectableFields: [...partsOf('regarding'), 'reason', 'reportingController', 'type'],
      schema: flat('Something that happened to an object', {
        ...both,
        ...Object.fromEntries(otherNames.map(([core, other]) => [other, schemas[core]])),
      }),
    },
  ],
});

function cellOf({ read, jsonPath }: PrinterColumn, event: KubeObject): unknown {
  if (read) return read(event);
  return jsonPath
    .slice(1)
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
}

/** The kinds as which objects of a kind can be written. Source: upstream kubeapiserver, AddCohabitatingResources. */
export const writtenAs = (kind: ServedKind): readonly ServedKind[] => (kind === coreEvents ? [coreEvents, events] : [kind]);

/** An Event of events.k8s.io as the core group has it. */
export function inCoreGroup(event: KubeObject): KubeObject {
  return renamed(event, 'events.k8s.io/v1', 'v1', (core, other) => [other, core]);
}

/** An Event of the core group as events.k8s.io has it. */
export function inEventsGroup(event: KubeObject): KubeObject {
  return renamed(event, 'v1', 'events.k8s.io/v1', (core, other) => [core, other]);
}

/** The path of a field of the core group's Event as events.k8s.io has it. */
export function pathInEventsGroup(path: string): string {
  const named = otherNames.find(([core]) => path === `.${core}` || path.startsWith(`.${core}.`));
  return named ? `.${named[1]}${path.slice(named[0].length + 1)}` : path;
}

/** Another apiVersion stays as it is: it is the admission's to refuse. */
function renamed(
  event: KubeObject,
  from: string,
  to: string,
  order: (core: string, other: string) => readonly [string, string],
): KubeObject {
  const result: Record<string, unknown> = { ...event };
  for (const [core, other] of otherNames) {
    const [old, name] = order(core, other);
    if (!(old in event)) continue;
    result[name] = event[old];
    delete result[old];
  }
  return { ...(result as KubeObject), apiVersion: event.apiVersion === from ? to : event.apiVersion };
}
