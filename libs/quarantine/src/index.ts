export { Quarantine, type QuarantineOptions } from './quarantine.ts'
export { discardSchema, previewSchema, readRequest, replaySchema } from './quarantine-request.ts'
export { refusedFilterSchema } from './refused-filter.ts'
export type { FoldNow, TrialSetting } from './trial.ts'
