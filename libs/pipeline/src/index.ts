export { decodeFrame, type Entry } from './decode-frame.ts'
export type { StepLimits } from './folding.ts'
export { type Progress, type RunOptions, runPartition } from './run-partition.ts'
export { type Summary, summarySchema } from './summary.ts'
