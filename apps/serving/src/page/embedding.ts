import { z } from 'zod'
import { pagePolicy } from '../../../nest/src/http/security-headers.ts'

/** A page in a frame has `?embed=1`. Anything else is for the page itself. */
export const pageQuery = z.looseObject({ embed: z.string().optional() })

/** The parts of Fastify's reply that are used here. */
interface Reply {
  header(name: string, value: string): unknown
  removeHeader(name: string): unknown
}

/** Which pages may have the dashboard in a frame. */
export class Embedding {
  readonly #origins: readonly string[]

  constructor(origins: readonly string[] = []) {
    this.#origins = origins
  }

  /** Lets pages of the configured origins show this answer in a frame, if it was asked for that. */
  allow({ embed }: { readonly embed?: unknown }, reply: Reply): void {
    if (embed !== '1' || this.#origins.length === 0) return
    reply.header('content-security-policy', pagePolicy(this.#origins))
    // Older than the policy, and it cannot name origins.
    reply.removeHeader('x-frame-options')
  }
}
