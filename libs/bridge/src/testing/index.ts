export { channelContract, type ChannelWorld } from './channel-contract.ts';
export { newEvent, thingEvent, thingsBound, type ThingParts } from './given.ts';
