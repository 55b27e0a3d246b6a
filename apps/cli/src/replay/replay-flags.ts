/** The options of `rondo replay` as they were given, unchecked. */
export interface ReplayFlags {
  readonly definition?: string
  readonly input?: string
  readonly from?: string
  readonly until?: string
  readonly asRecorded?: boolean
  readonly effective?: boolean
  readonly output: string
  readonly late?: string
  readonly batch: string
  readonly csv?: boolean
  readonly actor?: string
  readonly time?: string
  readonly recorded?: string
  readonly id?: string
  readonly event?: string
  readonly eventColumn?: string
  readonly property?: string[]
  readonly where?: string[]
  readonly timeFormat?: string
}
