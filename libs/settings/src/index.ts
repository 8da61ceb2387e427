export type { CommandName } from './commands-table.ts';
export { parseCommand, type CommandCall, type CommandOutcome } from './parse-command.ts';
export { parseSettings, publicUrlOf, type Settings, type SettingsNeeds, type SettingsOutcome } from './parse-settings.ts';
export type { ListenAddress } from './parse.ts';
export type { Setting } from './setting.ts';
export { settingsTable, type SettingName } from './settings-table.ts';
