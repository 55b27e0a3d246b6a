import { formatDuration, printable } from '#contracts'
import type { Outcomes, Refused, Usage } from './refused-answers.ts'

const MEGABYTE = 1024 * 1024
/** A longer text is cut, so that a refused event takes one line. */
const TEXT_LENGTH_MAX = 100

const DAY_MS = 86_400_000
const ageText = (ms: number): string => (ms < DAY_MS ? formatDuration(ms) : `${Math.round(ms / DAY_MS)} days`)
const short = (text: string): string => printable(text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text)

/** A line of a list. */
export function lineOf({ id, state, record: { refusedAt, code, reason } }: Refused): string {
  const settled = state === 'open' ? '' : ` (${state})`
  return `${id.padEnd(8)}  ${refusedAt ?? 'no time'.padEnd(24)}  ${code}  ${short(reason)}${settled}`
}

/** How much is kept, as a sentence. */
export function usageText({ records, bytes, bytesMax, ageMsMax, dropped }: Usage): string {
  const size = bytes === null ? '' : `, ${(bytes / MEGABYTE).toFixed(1)} MB`
  const limits = [...(bytesMax === null ? [] : [`${Math.round(bytesMax / MEGABYTE)} MB`]), ...(ageMsMax === null ? [] : [ageText(ageMsMax)])].join(' and ')
  const removed = dropped.records === 0 ? '' : ` The limits have removed ${dropped.records}${dropped.lastAt === null ? '' : `, last at ${dropped.lastAt}`}.`
  return `${records ?? 0} ${records === 1 ? 'is' : 'are'} kept${size}, of at most ${limits === '' ? 'any number' : limits}.${removed}`
}

/** Counts of outcomes, with the reasons of those that stay. */
export function outcomesText({ tried, accepted, late, copies, refused, reasons }: Outcomes, { isDone }: { isDone: boolean }): string {
  const was = (count: number): string => (isDone ? (count === 1 ? 'was' : 'were') : 'would be')
  const is = (count: number): string => (isDone ? (count === 1 ? 'is' : 'are') : 'would be')
  const counts = [
    `${accepted} ${was(accepted)} accepted`,
    ...(late === 0 ? [] : [`${late} ${is(late)} late`]),
    ...(copies === 0 ? [] : [`${copies} ${is(copies)} ${copies === 1 ? 'a copy' : 'copies'} of these`]),
    `${refused} ${was(refused)} refused again`,
  ]
  const lines = reasons.map(({ code, reason, count, id }) => `  ${String(count).padStart(7)}  ${code}  ${short(reason)} (such as ${id})\n`)
  return `Of ${tried}: ${counts.join(', ')}.\n${lines.join('')}`
}
