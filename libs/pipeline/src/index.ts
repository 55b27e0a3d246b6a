export { decodeFrame } from './decode-frame.ts'
export { type Progress, runPartition } from './run-partition.ts'
