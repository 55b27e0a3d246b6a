import { SetMetadata } from '@nestjs/common'
import type { z } from 'zod'
import type { ErrorCode } from '#contracts'
import { SHUT_OUT_REFUSALS } from './general-refusals.ts'

/** A body of JSON, or of other media types, by their names. */
export type Content = z.ZodType | Readonly<Record<string, z.ZodType>>

/**
 * What a route takes and answers, for the served OpenAPI document. The schemas are those that the handler reads with and that give the types of its
 * answers, so that nothing is declared twice. Keys, limits and what the HTTP layer refuses are added by themselves.
 */
export interface RouteDescription {
  readonly summary: string
  /** The parts of the path that are more than a text. */
  readonly params?: Readonly<Record<string, z.ZodType>>
  readonly query?: z.ZodObject
  readonly body?: Content
  readonly answer: Content
  /** The codes of its own refusals. */
  readonly refusals?: readonly ErrorCode[]
  /** Answers with other status codes that are no problem documents; null for one without a body. */
  readonly others?: Readonly<Record<number, z.ZodType | null>>
}

/** The key of the metadata in which a route has its description. */
export const DESCRIPTION = 'rondo:description'

/** Describes a route. A route without a description is a defect that openapi.spec.ts finds. */
export const Describes = (description: RouteDescription): MethodDecorator => SetMetadata(DESCRIPTION, description)

/** Codes of routes that read from the log or the read models. */
export const READ_REFUSALS = ['RONDO_MODELS_UNAVAILABLE', 'RONDO_LOG_UNAVAILABLE', ...SHUT_OUT_REFUSALS] as const satisfies readonly ErrorCode[]
/** Codes of routes that write into the log. */
export const WRITE_REFUSALS = [
  'RONDO_OVERLOADED',
  'RONDO_LOG_UNAVAILABLE',
  ...SHUT_OUT_REFUSALS,
  'RONDO_CLOCK_OFF',
  'RONDO_DATA_FULL',
] as const satisfies readonly ErrorCode[]
