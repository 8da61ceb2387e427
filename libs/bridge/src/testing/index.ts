export { channelContract, type ChannelWorld } from './channel-contract.ts';
export { emptyLog, newEvent, thingEvent, thingsBound, type ThingParts } from './given.ts';
