import type { Instant } from '#contracts'

/**
 * Rule 7: an event whose time is before this one is late. It was accepted too long after it happened.
 * @param logTime T of its partition
 */
export const lateBefore = (logTime: Instant, arrival: Instant, graceMs: number): Instant => Math.max(logTime, arrival) - graceMs
