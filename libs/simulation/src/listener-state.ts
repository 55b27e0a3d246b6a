/** Whether somebody has joined, and whether they are still there. */
export const presence = { outside: 0, here: 1, away: 2 } as const

/** No day, in a list of days. */
export const NEVER = -1
/** No song, in a list of songs. */
export const NO_SONG = 255

/** What is known of each listener, in typed arrays: some 20 bytes each, so that a million fit into memory. */
export class ListenerState {
  readonly presence: Uint8Array
  readonly level: Uint8Array
  readonly behaviour: Uint8Array
  readonly joinDay: Int16Array
  readonly awaySince: Int16Array
  /** The last day on which a signal of the driver was there. */
  readonly corporateDay: Int16Array
  readonly environmentDay: Int16Array
  /** The last day on which a song was looked for and not found, and the song. */
  readonly unmetDay: Int16Array
  readonly unmetSong: Uint8Array
  /** The day on which the campaign reached them; {@link NEVER} in the holdout. */
  readonly campaignDay: Int16Array

  constructor(listeners: number) {
    this.presence = new Uint8Array(listeners)
    this.level = new Uint8Array(listeners)
    this.behaviour = new Uint8Array(listeners)
    this.joinDay = new Int16Array(listeners)
    this.awaySince = new Int16Array(listeners).fill(NEVER)
    this.corporateDay = new Int16Array(listeners).fill(NEVER)
    this.environmentDay = new Int16Array(listeners).fill(NEVER)
    this.unmetDay = new Int16Array(listeners).fill(NEVER)
    this.unmetSong = new Uint8Array(listeners).fill(NO_SONG)
    this.campaignDay = new Int16Array(listeners).fill(NEVER)
  }
}
