/** Groups that belong to Kubernetes' community need its approval. Source: apiextensions pkg/apihelpers/helpers.go. */

export const approvalAnnotation = 'api-approved.kubernetes.io';

export type Approval = { readonly state: 'approved' | 'bypassed' | 'missing' | 'invalid'; readonly reason: string };

/** Undefined: the group needs no approval. */
export function approvalOf(group: string, annotations: Readonly<Record<string, string>> | undefined): Approval | undefined {
  if (!isProtected(group)) return undefined;
  const text = annotations?.[approvalAnnotation] ?? '';
  const quoted = JSON.stringify(approvalAnnotation);
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (text === '') return { state: 'missing', reason: `protected groups must have approval annotation ${quoted}, ${see}` };
  if (text.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${JSON.stringify(text)}` };
  if (isUrl(text)) return { state: 'approved', reason: `approved in ${text}` };
  const expected = `protected groups must have approval annotation ${quoted} with either a URL or a reason starting with "unapproved"`;
  return { state: 'invalid', reason: `${expected}, ${see}` };
}

const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

function isUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).host !== '';
}
