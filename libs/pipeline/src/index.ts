export { decodeFrame, decodeRecord } from './decode-frame.ts'
export { distantLimits } from './folding.ts'
export { runPartition } from './run-partition.ts'
export { readSummary } from './summary.ts'
