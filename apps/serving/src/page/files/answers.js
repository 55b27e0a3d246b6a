// Answers of the API, and the form of their numbers and times.

/** The server answered with an error; the message is its sentence. */
export class Refused extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

export async function getJson(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } })
  if (response.ok) return response.json()
  const problem = await response.json().catch(() => ({}))
  throw new Refused(response.status, problem.detail ?? `The server answered ${response.status}.`)
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const numbers = new Intl.NumberFormat('en')
export const count = (value) => numbers.format(value)

const shares = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })
export const share = (part, whole) => (whole === 0 ? '–' : shares.format(part / whole))

let timeZone = 'UTC'
let format = timeFormat()

/** The zone in which the definition begins its days; times are shown in it too. */
export function setTimeZone(name) {
  timeZone = name
  format = timeFormat()
}

function timeFormat() {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
}

/** A time as `2026-01-31 14:05:00`, in the time zone of the definition. */
export const localTime = (iso) => format.format(new Date(iso))

/** The same with its zone, for places that stand alone. */
export const localTimeWithZone = (iso) => `${localTime(iso)} ${timeZone}`

export function ago(seconds) {
  if (seconds < 120) return `${seconds} s ago`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ago`
  return `${count(Math.floor(seconds / 86_400))} days ago`
}

/** An element with text and children, never HTML: names that come from customers stay text. */
export function element(name, { text, attributes = {} } = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  if (text !== undefined) made.textContent = text
  made.append(...children)
  return made
}

export const timeElement = (iso) => element('time', { text: localTime(iso), attributes: { datetime: iso } })
