import type { Settings } from '#settings';

/** The bridge's checkpoint is in the brokers, with what it delivers; this is its shadow for those who ask how far it is. */
export const kafkaBridgeFollower = 'bridge to kafka';

/** Who follows the whole log beside the views, by the names of their checkpoints: nothing is taken from it that one of them has not seen. */
export const followersOf = ({ kafkaBrokers }: Pick<Settings, 'kafkaBrokers'>): readonly string[] => [
  'policy',
  'patience',
  kafkaBrokers ? kafkaBridgeFollower : 'bridge',
];
