import { RondoError } from '#contracts'

/** For clients, which should send the same request again. */
export function overloaded(reason: string): RondoError {
  return new RondoError('RONDO_OVERLOADED', `${reason}. Nothing of this request was accepted; send it again a little later.`, { retriable: true })
}
