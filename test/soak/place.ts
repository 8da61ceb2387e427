import type { Answer, Call } from '../servers/tributary-client.ts';
import type { TributaryServer } from '../servers/tributary.ts';

/** Where somebody is active, and how many requests that took. */
export type Place = {
  readonly server: TributaryServer;
  /** `/clusters/root:orgs:<name>`; the demo is bound in each. */
  readonly workspaces: readonly string[];
  readonly tokenFile: string;
  readonly counts: Map<string, number>;
  /** Who waits for what others do need not wait any longer. */
  readonly over: AbortSignal;
};

/** Does its work once; is called again and again with the next number. */
export type Activity = (place: Place, serial: number) => Promise<void>;

export const mapsOf = (workspace: string): string => `${workspace}/api/v1/namespaces/default/configmaps`;
export const binsOf = (workspace: string): string => `${workspace}/apis/orchestrate.platform-mesh.io/v1alpha1/namespaces/default/httpbins`;
export const merge = 'application/merge-patch+json';
export const anyOf = (list: readonly string[], serial: number): string => list[serial % list.length] ?? '';

/** @throws Error for any other code. */
export async function ask(place: Place, what: `${string} ${string}`, call: Call, codes: readonly number[]): Promise<Answer> {
  const [method = '', path = ''] = what.split(' ');
  const answer = await place.server.client.call(method, path, call);
  count(place, method);
  if (!codes.includes(answer.code)) throw new Error(`${what} answered ${answer.code}: ${answer.text}`);
  return answer;
}

export function count({ counts }: Place, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
