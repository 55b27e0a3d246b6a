export { decodeFrame, decodeRecord } from './decode-frame.ts'
export { readPartitionMetadata } from './partition-metadata.ts'
export { networkLogLimits } from './partition-run.ts'
export { runPartition } from './run-partition.ts'
