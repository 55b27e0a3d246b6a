import { parseArgs } from 'node:util'
import { z } from 'zod'
import { durationMs, parseDuration } from '#contracts'
import { nearestName } from '#cycle'
import { readSecretFile, Secret } from '#runtime'
import { isLive } from './live-setting.ts'
import { fileKindOf } from './secret-setting.ts'

/** The settings of an app: each a zod schema for the text in the environment, with a description and perhaps a default. */
export type Settings = Readonly<Record<string, z.ZodType<unknown, string | undefined>>>
/** The values of settings. */
type ValuesOf<Shape extends Settings> = { readonly [Name in keyof Shape]: z.output<Shape[Name]> }

/** The result of {@link readConfiguration}. */
export interface Reading<Shape extends Settings> {
  /** Undefined if there is any defect. */
  readonly configuration: ValuesOf<Shape> | undefined
  /** The valid settings, also if others have defects. */
  readonly readable: Partial<ValuesOf<Shape>>
  /** The text of each setting that has one, without passwords. */
  readonly texts: { readonly [Name in keyof Shape]?: string }
  /** All defects. */
  readonly defects: readonly string[]
  readonly help: boolean
  /** What is only checked: nothing, the settings, or also whether the servers let this process in. */
  readonly validate: 'no' | 'settings' | 'servers'
}

const YES_OR_NO: readonly string[] & readonly ['yes', 'no'] = ['yes', 'no']
const HELP = '--help'
const VALIDATE = '--validate'
const VALIDATE_SETTINGS = '--validate=settings'

/** `catchUp` is RONDO_CATCH_UP in the environment and --catch-up among the arguments, which come first. */
export const variableOf = (name: string): string => `RONDO_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
export const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * Reads all settings once, and reports all defects at once.
 * @param variable the value of an environment variable
 */
export function readConfiguration<Shape extends Settings>(
  shape: Shape,
  args: readonly string[],
  variable: (name: string) => string | undefined,
): Reading<Shape> {
  const names = Object.keys(shape)
  const options = Object.fromEntries(
    names.flatMap((name) => flagsOf(name, shape[name]).map((flag) => [flag, { type: 'string' as const, multiple: isRepeatable(shape[name]) }])),
  )
  const switches = new Set(names.filter((name) => isSwitch(shape[name])).map((name) => `--${flagOf(name)}`))
  const given = args.filter((arg) => ![HELP, VALIDATE, VALIDATE_SETTINGS].includes(arg))
  const argsWithSwitchValues = given.map((arg, at) => (switches.has(arg) && !YES_OR_NO.includes(given[at + 1] ?? '') ? `${arg}=yes` : arg))
  const { values, tokens } = parseArgs({ args: argsWithSwitchValues, options, strict: false, allowPositionals: true, tokens: true })
  const defects: string[] = tokens.flatMap((token, at) => tokenDefects(token, tokens[at - 1], options))
  const read: Record<string, unknown> = {}
  const texts: Record<string, string> = {}
  for (const [name, schema] of Object.entries(shape)) {
    const source = sourceOf(name, schema, { flags: values, variable })
    if ('defect' in source) defects.push(source.defect)
    else if ('secret' in source) read[name] = source.secret
    else {
      Object.assign(texts, shownText(name, source))
      const parsed = schema.safeParse(source.text)
      if (parsed.success) read[name] = parsed.data
      else defects.push(textDefect(source, schema, parsed.error))
    }
  }
  const configuration = defects.length === 0 ? (read as ValuesOf<Shape>) : undefined
  return {
    configuration,
    readable: read as Partial<ValuesOf<Shape>>,
    texts: texts as Reading<Shape>['texts'],
    defects,
    help: args.includes(HELP),
    validate: validationIn(args),
  }
}

/** A setting that was read into a text. */
interface TextSource {
  readonly where: string
  readonly text: string | undefined
  readonly isHidden: boolean
}
/** Where the value of a setting comes from. A secret in a file is not read into a text. */
type Source = TextSource | { readonly secret: Secret } | { readonly defect: string }
/** The arguments, by flag, and the environment. */
interface Given {
  readonly flags: ReturnType<typeof parseArgs>['values']
  readonly variable: (name: string) => string | undefined
}

/** A text that may be shown, by its setting. */
const shownText = (name: string, { text, isHidden }: TextSource) => (text === undefined || isHidden ? {} : { [name]: withoutPassword(text) })

/** What is wrong with the text of a setting. */
function textDefect({ where, text, isHidden }: TextSource, { description }: z.ZodType, { issues }: z.ZodError): string {
  if (text === undefined) return `${where} is not set: expected ${description}`
  return `${where}: ${issues[0]?.message ?? 'is not valid'}${isHidden ? '' : `, found ${JSON.stringify(withoutPassword(text))}`}`
}

/** The flags of a setting. A secret itself is no argument: other users of the machine see the arguments of a process. */
const flagsOf = (name: string, schema: z.ZodType | undefined): string[] => {
  const kind = schema && fileKindOf(schema)
  return [...(kind === 'secret' ? [] : [flagOf(name)]), ...(kind === undefined ? [] : [`${flagOf(name)}-file`])]
}

function sourceOf(name: string, schema: z.ZodType, { flags, variable }: Given): Source {
  const kind = fileKindOf(schema)
  const given = (flag: string, variableName: string): { where: string; text: string | undefined } => {
    const text = textOf(flags[flag])
    return text === undefined ? { where: variableName, text: variable(variableName) } : { where: `--${flag}`, text }
  }
  const direct = given(flagOf(name), variableOf(name))
  if (kind === undefined) return { ...direct, isHidden: false }
  const file = given(`${flagOf(name)}-file`, `${variableOf(name)}_FILE`)
  if (file.text === undefined) return { ...direct, isHidden: kind === 'secret' }
  if (direct.text !== undefined) return { defect: `${direct.where} and ${file.where} are both set: expected one of them` }
  try {
    const text = readSecretFile(file.text, file.where)
    return kind === 'secret' ? { secret: Secret.inFile(file.text, file.where) } : { where: file.where, text, isHidden: true }
  } catch (failure) {
    return { defect: (failure as Error).message.replace(/\.$/, '') }
  }
}

function validationIn(args: readonly string[]): 'no' | 'settings' | 'servers' {
  if (args.includes(VALIDATE_SETTINGS)) return 'settings'
  return args.includes(VALIDATE) ? 'servers' : 'no'
}

const LIVE_MARK = ' [live]'

/** The text of `--help`. */
export function helpText(purpose: string, shape: Settings): string {
  const rows = Object.entries(shape).map(([name, schema]): [string, string] => {
    const standard = schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : schema.safeParse(undefined).success ? '' : 'has to be set'
    const variables = [...(fileKindOf(schema) === undefined ? [] : [`${variableOf(name)}_FILE`])]
    return [
      [variableOf(name), ...variables, ...flagsOf(name, schema).map((flag) => `--${flag}`)].join(', '),
      `${schema.description ?? ''}${standard && ` (${standard})`}${isLive(schema) ? LIVE_MARK : ''}`,
    ]
  })
  rows.push(
    [VALIDATE, 'check the settings, and that Kafka, Redis and folders let this process do its work; then end'],
    [VALIDATE_SETTINGS, 'check only the settings, and end'],
    [HELP, 'show this text'],
  )
  const width = Math.max(...rows.map(([left]) => left.length))
  const list = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
  return `${purpose}\n\nSettings, from the environment or as arguments; those with${LIVE_MARK} may change while it runs:\n${list}`
}

/** A whole number. */
export function integer(min: number, max: number) {
  const error = `expected a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,12}$/, { error })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error })
}

/** A duration such as 90s, in milliseconds. Its bounds are durations too. */
export function duration(min: string, max: string) {
  const isWithin = (ms: number): boolean => ms >= durationMs(min) && ms <= durationMs(max)
  return z
    .string()
    .refine((text) => isWithin(parseDuration(text) ?? Number.NaN), { error: `expected a duration from ${min} to ${max}, such as 2m, 10s or 500ms` })
    .transform(durationMs)
}

/** yes or no. As an argument the name alone means yes. */
export function yesOrNo() {
  return z.enum(YES_OR_NO, { error: 'expected yes or no' }).transform((word) => word === 'yes')
}

/**
 * A setting that may be given several times among the arguments: its schema gets the values with commas between them, as the environment has them.
 * @param description that of the setting, for its help
 */
export function repeatable<Schema extends z.ZodType<unknown, string | undefined>>(schema: Schema, description: string): Schema {
  return schema.meta({ description, isRepeatable: true })
}

/** Whether a setting may be given several times. */
const isRepeatable = (schema: z.ZodType | undefined): boolean => schema?.meta()?.['isRepeatable'] === true

/** The value of an argument; undefined if there is none, or one without a value. */
function textOf(flag: ReturnType<typeof parseArgs>['values'][string]): string | undefined {
  if (Array.isArray(flag)) return flag.every((text) => typeof text === 'string') ? flag.join(',') : undefined
  return typeof flag === 'string' ? flag : undefined
}

/** Whether a setting is yes or no. */
const isSwitch = (schema: z.ZodType | undefined): boolean =>
  schema !== undefined && YES_OR_NO.every((word) => schema.safeParse(word).success) && !schema.safeParse('neither').success

/** Removes the password from an address, since many people may read a log. */
const withoutPassword = (text: string): string => text.replace(/\/\/\S*@/, '//…@')

/** A part of the command line, as Node's parseArgs splits it. */
type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number]

const isUnknown = (token: Token | undefined, options: Readonly<Record<string, unknown>>): boolean => token?.kind === 'option' && !(token.name in options)

/** What is wrong with a part of the command line: no setting, or a setting without a value. A text behind an unknown setting is its value. */
function tokenDefects(token: Token, before: Token | undefined, options: Readonly<Record<string, unknown>>): string[] {
  if (token.kind === 'positional') return isUnknown(before, options) ? [] : [`${token.value}: expected a setting such as --port 8080`]
  if (token.kind !== 'option') return []
  if (isUnknown(token, options)) return [unknownDefect(token.rawName, token.value, Object.keys(options))]
  const isNextFlag = token.inlineValue === false && token.value.startsWith('--')
  return isNextFlag || token.value === undefined || token.value === '' ? [`${token.rawName}: expected a value`] : []
}

function unknownDefect(flag: string, value: string | undefined, flags: readonly string[]): string {
  if (flag === VALIDATE) return `${VALIDATE}: expected no value, or settings, found ${JSON.stringify(value)}`
  if (flag === HELP) return `${HELP}: expected no value`
  const near = nearestName(flag.replace(/^-+/, ''), flags)
  return `${flag}: there is no such setting${near === undefined ? '' : `; did you mean --${near}?`}`
}
