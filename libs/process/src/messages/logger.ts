import { pino } from 'pino'
import type { RondoError } from '#contracts'
import { throttled } from './throttle.ts'

/** The levels of messages, the least important first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** How messages are written: lines of JSON for machines, or sentences for people. */
export const logFormats = ['json', 'text'] as const
export type LogFormat = (typeof logFormats)[number]

/** Facts by which machines find a message. */
export type LogFields = Readonly<Record<string, string | number | undefined>>

/** Messages of a process for its operator, by level. */
export interface Logger {
  /** For the search of a cause; not written unless it is asked for. */
  debug(text: string, fields?: LogFields): void
  /** Information. */
  info(text: string, fields?: LogFields): void
  /** An alarm for an operator. */
  warn(text: string, fields?: LogFields): void
  /** Why the process ends. */
  error(failure: RondoError): void
}

/** What a logger writes, and how. */
export interface LoggerOptions {
  /** The app, in each line of JSON. */
  readonly app: string
  readonly level: LogLevel
  readonly format: LogFormat
}

/** A message ends with the code of the failure that it reports. */
const CODE = /\((RONDO_[A-Z_]+)\)(?: \(\d+ times so far\))?$/

/** The fields of a message: its code, unless it has one. */
const withCode = (text: string, fields: LogFields = {}): LogFields => ({ code: CODE.exec(text)?.[1], ...fields })

/** Sentences for people: information on standard output, warnings and errors on standard error. */
export const textLogger: Logger = {
  debug() {},
  info: (text) => void process.stdout.write(`${text}\n`),
  warn: (text) => void process.stderr.write(`rondo: ${text}\n`),
  error: ({ code, message }) => void process.stderr.write(message.endsWith('\n') ? `rondo: ${message}(${code})\n` : `rondo: ${message} (${code})\n`),
}

/** A line for the search of a cause, with the facts by which it is found. */
function debugText(text: string, { ms, requestId }: LogFields = {}): void {
  const facts = [...(ms === undefined ? [] : [`${ms} ms`]), ...(requestId === undefined ? [] : [`request ${requestId}`])]
  process.stderr.write(`rondo: ${text}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}\n`)
}

/** Lines of JSON for machines, on standard error. */
function jsonLogger(app: string): Logger {
  const options = {
    base: { app },
    // The logger of the process decides.
    level: 'debug',
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    // The number of a level says nothing to people.
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const lines = pino(options, pino.destination({ dest: 2, sync: true }))
  return {
    debug: (text, fields) => lines.debug(withCode(text, fields), text),
    info: (text, fields) => lines.info(withCode(text, fields), text),
    warn: (text, fields) => lines.warn(withCode(text, fields), text),
    error: ({ code, message }) => lines.error({ code }, message),
  }
}

/** A logger whose level may change while the process runs. */
export interface LevelledLogger extends Logger {
  setLevel(level: LogLevel): void
}

/** The logger of a process. */
export function newLogger({ app, level, format }: LoggerOptions): LevelledLogger {
  const logger = format === 'json' ? jsonLogger(app) : { ...textLogger, debug: debugText }
  let least = logLevels.indexOf(level)
  const isWritten = (of: LogLevel): boolean => logLevels.indexOf(of) >= least
  const of = (name: 'debug' | 'info' | 'warn') => (text: string, fields?: LogFields) => {
    if (isWritten(name)) logger[name](text, fields)
  }
  return {
    debug: of('debug'),
    info: of('info'),
    warn: of('warn'),
    error: logger.error,
    setLevel: (next) => {
      least = logLevels.indexOf(next)
    },
  }
}

/** Logs the warnings of Node and of libraries. Node itself would write plain text between the lines of JSON, which log readers refuse. */
export function logWarnings(logger: Logger): void {
  const warn = throttled((text) => logger.warn(text))
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => warn(`Node warns: ${message} (${name})`))
}
