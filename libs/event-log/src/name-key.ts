import type { EventName } from '#contracts'

/** The key under which the record of a name is stored. As JSON, no two names have the same key in UTF-8, and none has that of the other names. */
export const nameKey = ({ name }: EventName): string => JSON.stringify(name)
