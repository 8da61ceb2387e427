export { contradictionOf, inVersion, type FieldValidation, type Submission } from './admission.ts';
export { AccountState, type WorkspacePhase } from './account-state.ts';
export { clusterOfStream, isAccountStream, isSideStream, sideStreamOf, streamOf } from './account-streams.ts';
export { applyResource, misappliedTo, patchedBy, type AppliedResource, type ApplyResource } from './decide/apply-resource.ts';
export { bindApi, refusedStatus, type BindApi } from './decide/bind-api.ts';
export { closeWorkspace, finishClosing } from './decide/close-workspace.ts';
export {
  collectResource,
  isCollected,
  isDeletingForeground,
  isOrphaning,
  orphanResource,
  strangersOf,
  type CollectResource,
  type ServedNames,
} from './decide/collect-resource.ts';
export { declareResource, type Declared, type DeclareResource } from './decide/declare-resource.ts';
export { forgetResources, type ForgetResources } from './decide/forget-resources.ts';
export { noteSilence, type NoteSilence } from './decide/note-silence.ts';
export { noteStatus, type NoteStatus } from './decide/note-status.ts';
export { furnish, openWorkspace, type Furniture, type OpenWorkspace } from './decide/open-workspace.ts';
export { releaseResource, type ReleaseResource } from './decide/release-resource.ts';
export { reportStatus, type ReportRefusal, type ReportStatus } from './decide/report-status.ts';
export { requestDeletion, type RequestDeletion } from './decide/request-deletion.ts';
export { reviseResource, type Change, type Patched, type Revised, type ReviseResource } from './decide/revise-resource.ts';
export { ownedByMesh } from './decide/track-fields.ts';
export { bindingFinalizer, unbindApi, type UnbindApi } from './decide/unbind-api.ts';
export { decodeEvent, encodeEvent, eventHeadOf, eventOf, sealedUidOf } from './event-codec.ts';
export type { AccountEvent, BoundApi, BoundResource, EventAuthor, ObjectEvent, WorkspaceOwner } from './events.ts';
export { evolve, type ObjectChange } from './evolve.ts';
export { conditionsOf, statusOf, withConditions } from './health.ts';
export type { KindRules, Propagation } from './kind-rules.ts';
export { countingBeside, quotaNews, recountBeside, type RecountBeside } from './quota.ts';
export { ObjectRecord } from './object-record.ts';
export type { Refusal } from './refusal.ts';
export type { Screen, ScreenedWrite } from './screen.ts';
export { holdsSecrets, isSealed, markedValues, type Place, type Seals } from './sealing.ts';
export { restoreSnapshot, sealedUidsIn, snapshotShape, takeSnapshot } from './snapshot.ts';
export { stateDifferences } from './state-differences.ts';
export { textOf } from './text-of.ts';
