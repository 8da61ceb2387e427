/** Something that is not as it should be. One line each; `type` is for programs, `says` for people. */
export type Finding = {
  readonly type: FindingType;
  readonly says: string;
  readonly stream?: string;
  readonly revision?: string;
  readonly position?: string;
  readonly view?: string;
  readonly follower?: string;
};

export type FindingType =
  | 'position-missing'
  | 'position-doubled'
  | 'revision-missing'
  | 'revision-doubled'
  | 'head-differs'
  | 'event-unreadable'
  | 'event-out-of-place'
  | 'fold-fails'
  | 'history-lost'
  | 'schema-missing'
  | 'schema-differs'
  | 'snapshot-unreadable'
  | 'snapshot-differs'
  | 'snapshot-ahead'
  | 'key-missing'
  | 'key-unusable'
  | 'key-without-object'
  | 'view-row-missing'
  | 'view-row-strange'
  | 'view-row-differs'
  | 'checkpoint-ahead';

export type Report = (finding: Finding) => void;

export const messageOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));
