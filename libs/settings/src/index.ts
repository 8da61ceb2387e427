export { helpText } from './help.ts';
export { parseSettings, publicUrlOf, type Settings, type SettingsNeeds, type SettingsOutcome } from './parse-settings.ts';
export type { ListenAddress } from './parse.ts';
export { settingsTable, type Setting, type SettingName } from './settings-table.ts';
