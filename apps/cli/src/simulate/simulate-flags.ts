/** The flags of `rondo simulate`, not yet checked. */
export interface SimulateFlags {
  readonly listeners: string
  readonly musicians: string
  readonly days: string
  readonly until?: string
  readonly seed: string
  readonly null?: boolean
  readonly output: string
  readonly truth?: string
  readonly url?: string
  readonly speed: string
}
