export { ActorTable, BUCKETS, grown } from './actor-table.ts'
export { Arena } from './arena.ts'
export { DueQueue } from './due-queue.ts'
export { comparePackedIds, compareUtf8, PACKED_ID_MAX, packedLength, packId, samePackedId, unpackId } from './id-bytes.ts'
