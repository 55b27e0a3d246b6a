import { type Instant, parseDuration, type RondoError } from '#contracts'
import { timeReader } from '#sources'
import { asRondoError, invalidArgument } from './failure.ts'

/** Collects the defects of a command line, so that all are reported at once. */
export class ArgumentDefects {
  readonly failures: RondoError[] = []

  add(message: string): undefined {
    this.failures.push(invalidArgument(message))
    return undefined
  }

  /** Reports unknown options and surplus words. A word after an unknown option is not reported, because it may be its value. */
  addSurplus(command: string, surplus: readonly string[]): void {
    surplus.forEach((word, index) => {
      if (word.startsWith('-') && word !== '-') this.add(`There is no option ${word}; see rondo ${command} --help.`)
      else if (!surplus[index - 1]?.startsWith('--')) this.add(`${JSON.stringify(word)} belongs to no option; see rondo ${command} --help.`)
    })
  }

  /** The result of a function, or undefined if it throws. */
  try<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      this.failures.push(asRondoError(error))
      return undefined
    }
  }
}

const readTime = timeReader()

/** The instant of an optional option. */
export function readInstant(option: string, text: string | undefined, defects: ArgumentDefects): Instant | undefined {
  if (text === undefined) return undefined
  return readTime(text) ?? defects.add(`${option}: expected a time, such as 2026-01-31 or 2026-01-31T12:00:00Z, found ${JSON.stringify(text)}.`)
}

/** A whole number from 1. */
export function readCount(option: string, text: string, defects: ArgumentDefects): number | undefined {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0
  return count >= 1 ? count : defects.add(`${option}: expected a whole number from 1, found ${JSON.stringify(text)}.`)
}

/** The value of --activity-retention, in milliseconds; undefined for ever. */
export function readRetention(text: string | undefined, defects: ArgumentDefects): number | undefined {
  if (text === undefined) return undefined
  return parseDuration(text) ?? defects.add(`--activity-retention: expected a duration such as 30d, found ${JSON.stringify(text)}.`)
}
