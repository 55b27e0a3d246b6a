import { z } from 'zod'
import { type LevelledLogger, logFormats, logLevels, newLogger } from '../messages/logger.ts'
import { live } from './live-setting.ts'

/** What an app writes to its log, and how. */
export const logSettings = {
  logLevel: live(
    z
      .enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` })
      .prefault('info')
      .describe('the least level that is logged: debug, info, warn or error'),
  ),
  logFormat: z
    .enum(['', ...logFormats], { error: `expected ${logFormats.join(' or ')}` })
    .prefault('')
    .describe('json: a line of JSON for each message; text: sentences for people; unless set, text on a terminal, else json'),
}

/** The values of {@link logSettings}. */
type LogConfiguration = { readonly [Name in keyof typeof logSettings]: z.output<(typeof logSettings)[Name]> }

/** Makes the logger of an app from those of its settings that are valid. */
export function loggerOf(app: string): (readable: Partial<LogConfiguration>) => LevelledLogger {
  return ({ logLevel = 'info', logFormat = '' }) => newLogger({ app, level: logLevel, format: logFormat || (process.stderr.isTTY ? 'text' : 'json') })
}
