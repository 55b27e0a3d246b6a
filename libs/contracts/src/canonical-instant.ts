/** The numbers below are offsets in this form. */
const FORM = 'YYYY-MM-DDThh:mm:ss.sssZ'
const DATE_LENGTH = 'YYYY-MM-DDT'.length
const DATE = /^\d{4}-\d{2}-\d{2}T$/
/** Instants are those of the years 1 to 9999 (instant.ts), while ISO 8601 also has a year 0. */
const FIRST_YEAR = '0001'
const [COLON, POINT, ZULU] = [':', '.', 'Z'].map((character) => character.charCodeAt(0))

let lastDate = ''
let lastDay = Number.NaN

/**
 * The instant of a text in the only form that Rondo writes, `2026-01-31T12:00:00.000Z`, with every character checked. It is much faster
 * than Date.parse, most of all if the day is the same as in the previous call, as usual in a log.
 * @returns NaN if the text has another form, or is not a valid time
 */
export function canonicalInstant(text: unknown): number {
  if (typeof text !== 'string' || text.length !== FORM.length) return Number.NaN
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON || text.charCodeAt(19) !== POINT || text.charCodeAt(23) !== ZULU) return Number.NaN
  const [hours, minutes, seconds] = [pairAt(text, 11), pairAt(text, 14), pairAt(text, 17)]
  const ms = pairAt(text, 20) * 10 + digitAt(text, 22)
  if (!(hours < 24 && minutes < 60 && seconds < 60)) return Number.NaN
  return dayOf(text) + hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + ms
}

function dayOf(text: string): number {
  if (lastDate === '' || !text.startsWith(lastDate)) {
    lastDate = text.slice(0, DATE_LENGTH)
    lastDay = readDay(lastDate)
  }
  return lastDay
}

/** Date.parse turns 2026-02-30 into March 2 on some engines and refuses it on others. */
function readDay(date: string): number {
  if (!DATE.test(date) || date < FIRST_YEAR) return Number.NaN
  const day = Date.parse(`${date}00:00:00.000Z`)
  return !Number.isNaN(day) && new Date(day).toISOString().startsWith(date) ? day : Number.NaN
}

/** NaN if the character is not a digit. */
function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 48
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}

const pairAt = (text: string, at: number): number => digitAt(text, at) * 10 + digitAt(text, at + 1)
