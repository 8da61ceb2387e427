export { MemoryWorkspace, MemoryWorkspaces, storedObject } from './memory-workspace.ts';
export { namespaces, servedKinds, widgets, widgetVersion } from './widget-kinds.ts';
