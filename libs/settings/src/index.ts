export { helpText } from './help.ts';
export { parseSettings, publicUrlOf, type Settings, type SettingsNeeds, type SettingsOutcome } from './parse-settings.ts';
export { settingsTable, type ListenAddress, type Setting, type SettingName } from './settings-table.ts';
