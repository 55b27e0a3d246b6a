export type { AdminLog } from './admin-log.ts'
export { keyTextOf } from './credentials.ts'
export { foreignOrigin, Gate, isLoopback, isOwnOrigin } from './gate.ts'
export { type CreatedKey, describeKey, Keys } from './keys.ts'
