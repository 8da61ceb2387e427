import { clusterOfStream, eventHeadOf, eventOf, holdsSecrets, isAccountStream, isSideStream, type AccountEvent } from '#account';
import { definitionsGroup, definitionsResource, type ResourceKey } from '#kube';
import type { RecordedEvent } from '#stream';
import type { House } from '#workspace';
import { aggregateRoles } from './aggregate-roles.ts';
import { bind, bindRefused } from './bind.ts';
import { collect, isLease, mayRelate } from './collect.ts';
import { furnishNamespace } from './furnish-namespace.ts';
import { removeTokens } from './remove-tokens.ts';
import { provision } from './provision.ts';
import { retryWaiting } from './retry-waiting.ts';
import { settleNames } from './settle-names.ts';
import type { Reaction, Sweep, Where } from './reaction.ts';

/** Which of an account's events ask something of another account, or of the mesh itself. */
export function reactionTo(recorded: RecordedEvent, sweep: Sweep): Reaction | undefined {
  if (isSideStream(recorded.stream)) return reactionToSide(recorded);
  if (!isAccountStream(recorded.stream) || !mayConcern(recorded)) return undefined;
  const cluster = clusterOfStream(recorded.stream);
  const event = eventOf(recorded);
  const cause = `${event.type}@${recorded.position}`;
  switch (event.type) {
    case 'ResourceDeclared':
    case 'SpecRevised':
    case 'MetadataRevised':
      return bothOf(
        reactionToOrder(event, { cluster, cause }),
        mayRelate(recorded) ? (house) => collect(house, event, { cluster, cause }) : undefined,
      );
    case 'ResourceRemoved':
      return async (house) => {
        if (holdsSecrets(event)) await (await house.accounts.account(cluster)).keys.destroy(event.uid);
        await collect(house, event, { cluster, cause });
        if (event.key.group === '' && event.key.resource === 'serviceaccounts') await removeTokens(house, event, { cluster, cause });
        await sweep(cluster, cause);
        const { group, resource, namespace, name } = event.key;
        if (group === definitionsGroup && resource === definitionsResource) await namesFreed(house, { cluster, cause });
        if (isClusterRole(event.key)) await aggregateRoles(house, { cluster, cause });
        if (group === '' && resource === 'serviceaccounts' && name === 'default')
          await furnishNamespace(house, namespace, { cluster, cause });
      };
    case 'DeletionRequested':
      return async (house) => {
        if (mayRelate(recorded)) await collect(house, event, { cluster, cause });
        await sweep(cluster, cause);
      };
    case 'ApiUnbound':
      return async (house) => {
        await sweep(cluster, cause);
        await namesFreed(house, { cluster, cause });
      };
    case 'WorkspaceClosing':
      return () => sweep(cluster, cause);
    case 'WorkspaceClosed':
      return async (house) => {
        // Also keys that were made for what was then refused.
        await house.accounts.keys.destroyAll(cluster);
        await sweep(cluster, cause);
      };
    case 'WorkspaceOpened':
    case 'StatusReported':
    case 'ApiBound':
      return undefined;
  }
}

/** Of what is not meant to last, Leases may belong to somebody, or somebody to them. */
function reactionToSide(recorded: RecordedEvent): Reaction | undefined {
  if (recorded.type !== 'ResourceRemoved' && !mayRelate(recorded)) return undefined;
  if (!namesIn(recorded)('leases')) return undefined;
  const event = eventOf(recorded);
  if (!('object' in event) || !isLease(event.key)) return undefined;
  const where = { cluster: clusterOfStream(recorded.stream), cause: `${event.type}@${recorded.position}` };
  return (house) => collect(house, event, where);
}

/** Definitions come first: they may have waited for longer. */
async function namesFreed(house: House, where: Where): Promise<void> {
  await settleNames(house, where);
  await bindRefused(house, where);
}

type Order = Extract<AccountEvent, { type: 'ResourceDeclared' | 'SpecRevised' | 'MetadataRevised' }>;

function reactionToOrder(event: Order, where: { readonly cluster: string; readonly cause: string }): Reaction | undefined {
  // Roles are selected by their labels; nothing else hangs on metadata alone.
  if (isClusterRole(event.key)) return (house) => aggregateRoles(house, where);
  if (event.type === 'MetadataRevised') return undefined;
  switch (`${event.key.group}/${event.key.resource}`) {
    case 'core.platform-mesh.io/accounts':
      return event.type === 'ResourceDeclared' ? (house) => provision(house, event, where) : undefined;
    case 'apis.kcp.io/apibindings':
      return event.type === 'ResourceDeclared' ? (house) => bind(house, event, where) : undefined;
    case 'apiextensions.k8s.io/customresourcedefinitions':
      // Who changes their names may leave one to others.
      return event.type === 'SpecRevised' ? (house) => namesFreed(house, where) : undefined;
    case '/namespaces':
      return event.type === 'ResourceDeclared' ? (house) => furnishNamespace(house, event.key.name, where) : undefined;
    case 'apis.kcp.io/apiexports':
    case 'apis.kcp.io/apiresourceschemas':
      return (house) => retryWaiting(house, where);
    default:
      return undefined;
  }
}

function bothOf(first: Reaction | undefined, second: Reaction | undefined): Reaction | undefined {
  if (!first || !second) return first ?? second;
  return async (house) => {
    await first(house);
    await second(house);
  };
}

const isClusterRole = ({ group, resource }: ResourceKey): boolean => resource === 'clusterroles' && group === 'rbac.authorization.k8s.io';

/** The key of its object stands in the first of an event. */
const headCharacters = 300;

const quietTypes: ReadonlySet<string> = new Set<AccountEvent['type']>(['StatusReported', 'ApiBound', 'WorkspaceOpened']);

/** A cheap look before parsing: most of the log is orders of instances and their status. */
function mayConcern(recorded: RecordedEvent): boolean {
  const { type } = recorded;
  if (quietTypes.has(type)) return false;
  if (type !== 'ResourceDeclared' && type !== 'SpecRevised' && type !== 'MetadataRevised') return true;
  if (mayRelate(recorded)) return true;
  const isAbout = namesIn(recorded);
  if (isAbout('clusterroles')) return true;
  if (type === 'MetadataRevised') return false;
  return (
    isAbout('namespaces') ||
    isAbout('apis.kcp.io') ||
    isAbout('core.platform-mesh.io') ||
    (type === 'SpecRevised' && isAbout(definitionsResource))
  );
}

/** Tells whether an event may be about a resource or a group of this name. In a text, the beginning is looked at. */
function namesIn({ data, decoded }: RecordedEvent): (name: string) => boolean {
  if (decoded !== undefined) {
    const { key } = eventHeadOf({ data, decoded });
    return (name) => key?.resource === name || key?.group === name;
  }
  const head = data.slice(0, headCharacters);
  return (name) => head.includes(`"${name}"`);
}
