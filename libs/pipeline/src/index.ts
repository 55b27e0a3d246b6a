export { decodeFrame } from './decode-frame.ts'
export { runPartition } from './run-partition.ts'
