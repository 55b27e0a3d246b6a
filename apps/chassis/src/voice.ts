import { pino } from 'pino'
import type { RondoError } from '#contracts'
import { seldom } from './seldom.ts'

/** How the process speaks to its operator. */
export interface Voice {
  /** Something to know. */
  say(text: string): void
  /** Something to look at, with what machines are to find in it. */
  alarm(text: string, fields?: Readonly<Record<string, string | number>>): void
  /** Why the process ends. */
  fail(failure: RondoError): void
}

/** Sentences for people: news on standard output, what is wrong on standard error. */
export const sentences: Voice = {
  say: (text) => void process.stdout.write(`${text}\n`),
  alarm: (text) => void process.stderr.write(`rondo: ${text}\n`),
  fail: ({ code, message }) => void process.stderr.write(message.endsWith('\n') ? `rondo: ${message}(${code})\n` : `rondo: ${message} (${code})\n`),
}

/** Lines of JSON for machines, on standard error. */
export function jsonLines(): Voice {
  const logger = pino({ name: 'rondo' }, pino.destination({ dest: 2, sync: true }))
  return {
    say: (text) => logger.info(text),
    alarm: (text, fields = {}) => logger.warn(fields, text),
    fail: ({ code, message }) => logger.fatal({ code }, message),
  }
}

/**
 * What Node and libraries warn of becomes an alarm like any other. Node's own way would put plain text between lines of JSON, which their
 * readers refuse.
 */
export function sayWarnings(voice: Voice): void {
  const alarm = seldom((text) => voice.alarm(text))
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => alarm(`Node warns: ${message} (${name})`))
}
