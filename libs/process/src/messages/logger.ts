import { pino } from 'pino'
import type { RondoError } from '#contracts'
import { throttled } from './throttle.ts'

/** Messages of a process for its operator, by level. */
export interface Logger {
  /** Information. */
  info(text: string): void
  /** An alarm for an operator, with fields by which machines find it. */
  warn(text: string, fields?: Readonly<Record<string, string | number>>): void
  /** Why the process ends. */
  error(failure: RondoError): void
}

/** Sentences for people: information on standard output, warnings and errors on standard error. */
export const textLogger: Logger = {
  info: (text) => void process.stdout.write(`${text}\n`),
  warn: (text) => void process.stderr.write(`rondo: ${text}\n`),
  error: ({ code, message }) => void process.stderr.write(message.endsWith('\n') ? `rondo: ${message}(${code})\n` : `rondo: ${message} (${code})\n`),
}

/** Lines of JSON for machines, on standard error. */
export function jsonLogger(): Logger {
  const lines = pino({ name: 'rondo' }, pino.destination({ dest: 2, sync: true }))
  return {
    info: (text) => lines.info(text),
    warn: (text, fields = {}) => lines.warn(fields, text),
    error: ({ code, message }) => lines.fatal({ code }, message),
  }
}

/** Logs the warnings of Node and of libraries. Node itself would write plain text between the lines of JSON, which log readers refuse. */
export function logWarnings(logger: Logger): void {
  const warn = throttled((text) => logger.warn(text))
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => warn(`Node warns: ${message} (${name})`))
}
