export { type Call, callText } from './call.ts'
export { DAY_MS, type EcosystemSettings } from './ecosystem.ts'
export { simulate } from './simulate.ts'
export type { TruthRecord } from './truth-record.ts'
