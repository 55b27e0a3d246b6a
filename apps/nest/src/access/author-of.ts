import type { Key } from '#contracts'

/** The author of an act without a key, if keys are optional. */
const NO_KEY = 'command'

/** The author of an act that is requested with a key. */
export const authorOf = (key: Key | undefined): string => key?.id ?? NO_KEY
