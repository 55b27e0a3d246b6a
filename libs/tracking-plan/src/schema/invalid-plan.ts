import { RondoError } from '#contracts'

/** The error of a schema that cannot be used. */
export function invalidPlan(defect: string, cause?: unknown): RondoError {
  return new RondoError('RONDO_PLAN_INVALID', `The schema cannot be used: ${defect}.`, { cause })
}
