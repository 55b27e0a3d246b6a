import { parseArgs } from 'node:util'
import { durationMs } from '#contracts'
import { duration, integer } from '#process'
import { HELD_BYTES_MAX } from '../../ingest/src/embedded-ingest.module.ts'
import { type KeySetting, keyDefects, keySettingOf } from './key-setting.ts'

/** The settings of standalone. */
export interface Settings {
  readonly host: string
  readonly port: number
  /** Whether a request needs a key. */
  readonly keys: KeySetting
  /** How many requests a second may come from one address of another machine. */
  readonly requestsPerSecond: number
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
const REQUESTS_LIMIT = 1_000_000

export const HELP = `Rondo, whole, in one process and one folder.

Usage: rondo start [options], or in a checkout npm start -- [options]
  --host ADDRESS       the address to listen on (127.0.0.1); 0.0.0.0 for all, where each request needs a key
  --port NUMBER        the port to listen on (8080)
  --keys required      requests need a key also on 127.0.0.1, where they are optional
  --requests-per-second NUMBER  how many may come from one address of another machine (1000)
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
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '8080' },
  keys: { type: 'string', default: '' },
  'requests-per-second': { type: 'string', default: '1000' },
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
  const given = values as Given
  const text = (name: string): string => (typeof given[name] === 'string' ? given[name] : '')
  const port = /^\d{1,5}$/.test(text('port')) ? Number(text('port')) : Number.NaN
  const defects = [
    ...tokens.flatMap(tokenDefects),
    ...(port <= 65_535 || given.port === true ? [] : [`--port: expected a number from 0 to 65535, found ${text('port')}`]),
    ...(duration('0s', '1d').safeParse(text('catch-up')).success || given['catch-up'] === true
      ? []
      : [`--catch-up: expected a duration from 0s to 1d, such as 2m, found ${text('catch-up')}`]),
    ...numberDefects('held-bytes-max', [0, HELD_BYTES_LIMIT], given),
    ...numberDefects('requests-per-second', [1, REQUESTS_LIMIT], given),
    ...(given.keys === true || given.host === true ? [] : keyDefects(text('keys'), text('host'))),
  ]
  const settings = {
    host: text('host'),
    port,
    keys: keySettingOf(text('keys'), text('host')),
    requestsPerSecond: Number(text('requests-per-second')),
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

type Given = Readonly<Record<string, string | boolean | undefined>>

function numberDefects(name: string, [least, most]: readonly [number, number], given: Given): string[] {
  const value = given[name]
  if (typeof value !== 'string' || integer(least, most).safeParse(value).success) return []
  return [`--${name}: expected a number from ${least} to ${most}, found ${value}`]
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
