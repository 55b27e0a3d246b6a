import { type ErrorCode, RondoError } from '#contracts'

/** What an operator must correct before a server lets this process in. */
const REFUSALS: readonly ErrorCode[] = ['RONDO_LOGIN_REFUSED', 'RONDO_CERTIFICATE_REFUSED', 'RONDO_RIGHT_MISSING', 'RONDO_SECRET_UNREADABLE']

/** Whether an operator must correct something before a server lets this process in. */
export const isRefused = (failure: unknown): failure is RondoError => failure instanceof RondoError && REFUSALS.includes(failure.code)

/** Why a server refused this process at its last attempt, if it did. */
export class Refusal {
  #text: string | undefined

  /** Notes the failure of an attempt. */
  note(failure: unknown): void {
    this.#text = isRefused(failure) ? `${failure.message} (${failure.code})` : undefined
  }

  /** An attempt has succeeded. */
  clear(): void {
    this.#text = undefined
  }

  /** A reason why the app is not ready, with the refusal. A refusal alone is none: connections that exist go on. */
  explained(reason: string | undefined): string | undefined {
    return reason === undefined || this.#text === undefined || reason.includes(this.#text) ? reason : `${reason} ${this.#text}`
  }
}
