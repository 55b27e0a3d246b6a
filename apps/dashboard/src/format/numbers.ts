const whole = new Intl.NumberFormat('en')
const shares = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })
const shortNumbers = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** A number with groups of digits: 1,234,567. */
export const count = (value: number): string => whole.format(value)

/** A number for a narrow place: 1.23M. Below 10,000 nothing is rounded. */
export const compact = (value: number): string => (Math.abs(value) < 10_000 ? whole.format(value) : shortNumbers.format(value))

/** A round number for a scale: 2K, 500, 0.5. */
export const short = (value: number): string => shortNumbers.format(value)

/** A part of a whole in percent; a dash if the whole is nothing. */
export const share = (part: number, ofWhole: number): string => (ofWhole === 0 ? '–' : shares.format(part / ofWhole))

/** A number with its sign: +1,234, −5. */
export const signed = (value: number): string => (value === 0 ? '0' : `${value > 0 ? '+' : '−'}${whole.format(Math.abs(value))}`)

/** A number with its noun. */
export const counted = (value: number, noun: string, plural = `${noun}s`): string => `${count(value)} ${value === 1 ? noun : plural}`

const decimals = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** A number with two digits behind the point. */
export const decimal = (value: number): string => decimals.format(value)
