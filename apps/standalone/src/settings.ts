import { parseArgs } from 'node:util'
import { durationMs } from '#contracts'
import { duration, integer } from '#process'
import { HELD_BYTES_MAX } from '../../ingest/src/embedded-ingest.module.ts'

/** The settings of standalone. */
export interface Settings {
  readonly port: number
  readonly data: string
  readonly definition: string
  /** Only checks, and reports defects. */
  readonly validate: boolean
  /** Fills an empty folder with the purchases that come with Rondo. */
  readonly demo: boolean
  /** Writes all messages as lines of JSON on standard error. */
  readonly log: boolean
  readonly catchUpMs: number
  readonly heldBytesMax: number
  readonly shortGrace: boolean
  readonly help: boolean
}

/** The limit of a setting: 12 digits, as many as are read. */
const HELD_BYTES_LIMIT = 999_999_999_999

export const HELP = `Rondo, whole, in one process and one folder.

Usage: rondo start [options], or in a checkout npm start -- [options]
  --port NUMBER        where to listen on 127.0.0.1 (8080)
  --data FOLDER        what is accepted and what it led to (./data)
  --definition FILE    the cycle to walk everyone through (the shopper cycle, which comes with Rondo)
                       without these two, purchases that come with Rondo are imported into an empty folder
  --validate           check the options and the definition, and end
  --log                say everything as JSON, a line each, on standard error
  --catch-up DURATION  after an outage, how long time stands still at most, for what clients have buffered (2m)
  --held-bytes-max NUMBER  during an import, how many bytes of live events are kept on disk until its end;
                       beyond it requests are answered with 503 (1073741824)
  --short-grace        take a definition whose grace is below 5m
  --help
`

const options = {
  port: { type: 'string', default: '8080' },
  data: { type: 'string', default: 'data' },
  definition: { type: 'string' },
  validate: { type: 'boolean', default: false },
  demo: { type: 'boolean', default: false },
  log: { type: 'boolean', default: false },
  'catch-up': { type: 'string', default: '2m' },
  'held-bytes-max': { type: 'string', default: String(HELD_BYTES_MAX) },
  'short-grace': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** The settings of the arguments, and all their defects. */
export function readSettings(args: readonly string[], defaultDefinition: string): { settings: Settings; defects: string[] } {
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const given = values as Record<string, string | boolean | undefined>
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '')
  const port = /^\d{1,5}$/.test(text('port')) ? Number(text('port')) : Number.NaN
  const defects = [
    ...tokens.flatMap(tokenDefects),
    ...(port <= 65_535 || given.port === true ? [] : [`--port: expected a number from 0 to 65535, found ${text('port')}`]),
    ...(duration('0s', '1d').safeParse(text('catch-up')).success || given['catch-up'] === true
      ? []
      : [`--catch-up: expected a duration from 0s to 1d, such as 2m, found ${text('catch-up')}`]),
    ...(integer(0, HELD_BYTES_LIMIT).safeParse(text('held-bytes-max')).success || given['held-bytes-max'] === true
      ? []
      : [`--held-bytes-max: expected a number from 0 to ${HELD_BYTES_LIMIT}, found ${text('held-bytes-max')}`]),
  ]
  const settings = {
    port,
    data: text('data'),
    definition: text('definition') || defaultDefinition,
    validate: given.validate === true,
    demo: showsDemo(tokens),
    log: given.log === true,
    catchUpMs: durationMs(text('catch-up')),
    heldBytesMax: Number(text('held-bytes-max')),
    shortGrace: given['short-grace'] === true,
    help: given.help === true,
  }
  return { settings, defects }
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number]

/** Without a folder and a definition of their own, users get the example. */
function showsDemo(tokens: readonly Token[]): boolean {
  const names = new Set(tokens.map((token) => (token.kind === 'option' ? token.name : '')))
  return names.has('demo') || !(names.has('data') || names.has('definition'))
}

function tokenDefects(token: Token): string[] {
  if (token.kind === 'positional') return [`${token.value}: expected an option`]
  if (token.kind !== 'option') return []
  const option = (options as Record<string, { type: 'string' | 'boolean' }>)[token.name]
  if (option === undefined) return [`${token.rawName}: there is no such option`]
  if (option.type === 'boolean') return token.value === undefined ? [] : [`${token.rawName}: expected no value`]
  const isNext = token.inlineValue === false && token.value.startsWith('-')
  return isNext || token.value === undefined || token.value === '' ? [`${token.rawName}: expected a value`] : []
}
