import type { ErrorCode } from '#contracts'

/**
 * The reason why a row, a call or an event was refused. It is returned, not thrown, so that the other rows are read. It is a class, so that
 * no payload can look like it.
 */
export class Refusal {
  readonly code: ErrorCode
  readonly reason: string
  /** The path of the defect, such as `properties.price`; undefined if it is the whole. */
  readonly path: string | undefined

  constructor(code: ErrorCode, reason: string, path?: string) {
    this.code = code
    this.reason = reason
    this.path = path
  }
}

/** A refused row of a file, with its text. */
export interface RefusedRow {
  /** The line in which it begins, from 1. */
  readonly line: number
  readonly code: ErrorCode
  readonly reason: string
  /** The text, cut at 65,536 characters. */
  readonly raw: string
}

/** A refused call of a batch. */
export interface RefusedCall {
  /** Its index in the batch, from 0. */
  readonly index: number
  readonly code: ErrorCode
  readonly reason: string
  readonly path: string | undefined
  /** Its JSON, cut at 65,536 characters. */
  readonly raw: string
}

/** The limit of characters of a refused text that quarantine keeps. */
export const RAW_LENGTH_MAX = 65_536

/** A refused text, cut to what quarantine keeps. */
export const cutRaw = (raw: string): string => (raw.length > RAW_LENGTH_MAX ? raw.slice(0, RAW_LENGTH_MAX) : raw)

/** The refusal of an event. */
export const invalidEvent = (reason: string): Refusal => new Refusal('RONDO_EVENT_INVALID', reason)
/** The event is invalid at a path, which the reason begins with. */
export const invalidAt = (path: string, expected: string): Refusal => new Refusal('RONDO_EVENT_INVALID', `${path}: ${expected}`, path)
/** The refusal of a row of a file. */
export const invalidRow = (reason: string): Refusal => new Refusal('RONDO_ROW_INVALID', reason)
