import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { RondoError } from '#contracts'
import type { KafkaLogin, KafkaSecurity } from '#event-log'
import { checkTlsFiles, hideSecrets, readSecretFile, type TlsFiles } from '#runtime'
import { readConfiguration, yesOrNo } from './configuration.ts'
import { secret } from './secret-setting.ts'
import { textsOf } from './texts-of.ts'

const MECHANISMS = ['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const

/** Settings of TLS and of the login to Kafka; the same in every app and in the commands with --brokers. */
export const securitySettings = {
  kafkaTls: yesOrNo().prefault('no').describe('yes: connections to Kafka use TLS'),
  kafkaCaFile: z.string().prefault('').describe('a file (PEM) with certificates of the authorities of the brokers; the authorities that Node knows unless set'),
  kafkaCertFile: z.string().prefault('').describe('a file (PEM) with the certificate of this process, if the brokers require one'),
  kafkaKeyFile: z.string().prefault('').describe('a file (PEM) with the key of that certificate, without a passphrase'),
  kafkaSasl: z
    .enum(MECHANISMS, { error: `expected one of ${MECHANISMS.join(', ')}` })
    .prefault('none')
    .describe(`how this process logs in to Kafka: ${MECHANISMS.join(', ')}`),
  kafkaUser: z.string().prefault('').describe('the user, for plain and scram'),
  kafkaPassword: secret('the password of that user'),
  kafkaTokenFile: z.string().prefault('').describe('for oauthbearer: a file with the token, read again at each connection'),
  kafkaTokenModule: z.string().prefault('').describe('for oauthbearer: a JavaScript module whose default export is a function that gives a token'),
}

/** The values of {@link securitySettings}. */
export type SecurityConfiguration = { readonly [Name in keyof typeof securitySettings]: z.output<(typeof securitySettings)[Name]> }

/** The settings for #event-log; undefined if neither TLS nor a login is asked for. */
export function kafkaSecurityOf(configuration: SecurityConfiguration): KafkaSecurity | undefined {
  const tls = configuration.kafkaTls ? filesOf(configuration) : undefined
  const login = loginOf(configuration)
  if (tls === undefined && login === undefined) return undefined
  return { ...(tls && { tls }), ...(login && { login }) }
}

/**
 * Reads TLS and the login from the environment alone, for commands.
 * @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_SECRET_UNREADABLE
 */
export function readKafkaSecurity(variable: (name: string) => string | undefined): KafkaSecurity | undefined {
  const { configuration, readable, defects } = readConfiguration(securitySettings, [], variable)
  if (configuration === undefined) throw new RondoError('RONDO_ARGUMENT_INVALID', `${defects.join('. ')}.`)
  checkKafkaSecurity(readable)
  return kafkaSecurityOf(configuration)
}

/**
 * Checks settings that depend on each other, and the files that they name. It gets the valid settings.
 * @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_SECRET_UNREADABLE
 */
export function checkKafkaSecurity(readable: Partial<SecurityConfiguration>): void {
  const defects = [...tlsDefects(readable), ...loginDefects(readable)]
  if (defects.length > 0) throw new RondoError('RONDO_ARGUMENT_INVALID', `${defects.join('. ')}. --help lists the settings.`)
  checkTlsFiles(filesOf(readable))
  if (readable.kafkaTokenFile) readSecretFile(readable.kafkaTokenFile, 'RONDO_KAFKA_TOKEN_FILE')
}

function tlsDefects({ kafkaTls, kafkaCaFile, kafkaCertFile, kafkaKeyFile }: Partial<SecurityConfiguration>): string[] {
  const isFileNamed = [kafkaCaFile, kafkaCertFile, kafkaKeyFile].some(Boolean)
  return textsOf([
    [kafkaTls === false && isFileNamed, 'Files for TLS are named, but RONDO_KAFKA_TLS is not yes'],
    [Boolean(kafkaCertFile) !== Boolean(kafkaKeyFile), 'RONDO_KAFKA_CERT_FILE and RONDO_KAFKA_KEY_FILE need each other, and only one is set'],
  ])
}

function loginDefects(readable: Partial<SecurityConfiguration>): string[] {
  const { kafkaSasl, kafkaUser, kafkaPassword, kafkaTokenFile, kafkaTokenModule } = readable
  // A password with a defect of its own is not missing.
  if (kafkaSasl === undefined || !('kafkaPassword' in readable)) return []
  const [hasUser, hasPassword] = [Boolean(kafkaUser), kafkaPassword !== undefined]
  const tokens = [kafkaTokenFile, kafkaTokenModule].filter(Boolean).length
  if (kafkaSasl === 'none') return textsOf([[hasUser || hasPassword || tokens > 0, 'A user, password or token for Kafka is set, but RONDO_KAFKA_SASL is not']])
  if (kafkaSasl === 'oauthbearer') {
    return textsOf([
      [hasUser || hasPassword, 'RONDO_KAFKA_USER and RONDO_KAFKA_PASSWORD are not for RONDO_KAFKA_SASL=oauthbearer'],
      [tokens !== 1, 'RONDO_KAFKA_SASL=oauthbearer needs either RONDO_KAFKA_TOKEN_FILE or RONDO_KAFKA_TOKEN_MODULE'],
    ])
  }
  return textsOf([
    [tokens > 0, 'RONDO_KAFKA_TOKEN_FILE and RONDO_KAFKA_TOKEN_MODULE are only for RONDO_KAFKA_SASL=oauthbearer'],
    [!(hasUser && hasPassword), `RONDO_KAFKA_SASL=${kafkaSasl} needs RONDO_KAFKA_USER, and RONDO_KAFKA_PASSWORD or RONDO_KAFKA_PASSWORD_FILE`],
  ])
}

function filesOf({ kafkaCaFile, kafkaCertFile, kafkaKeyFile }: Partial<SecurityConfiguration>): TlsFiles {
  return {
    ...(kafkaCaFile && { ca: { path: kafkaCaFile, setting: 'RONDO_KAFKA_CA_FILE' } }),
    ...(kafkaCertFile && { cert: { path: kafkaCertFile, setting: 'RONDO_KAFKA_CERT_FILE' } }),
    ...(kafkaKeyFile && { key: { path: kafkaKeyFile, setting: 'RONDO_KAFKA_KEY_FILE' } }),
  }
}

function loginOf(configuration: SecurityConfiguration): KafkaLogin | undefined {
  const { kafkaSasl: mechanism, kafkaUser: user, kafkaPassword: password, kafkaTokenFile, kafkaTokenModule } = configuration
  if (mechanism === 'none') return undefined
  if (mechanism !== 'oauthbearer') return password && { mechanism, user, password }
  const token = kafkaTokenFile === '' ? () => tokenOf(kafkaTokenModule) : async () => readSecretFile(kafkaTokenFile, 'RONDO_KAFKA_TOKEN_FILE')
  return { mechanism, token }
}

/** The token that a module of the operator gives. */
async function tokenOf(path: string): Promise<string> {
  const failed = (reason: string, cause?: unknown): RondoError =>
    new RondoError(
      'RONDO_SECRET_UNREADABLE',
      `RONDO_KAFKA_TOKEN_MODULE: the module ${path} gives no token: ${hideSecrets(reason)}. Correct the module or the setting.`,
      {
        cause,
        retriable: true,
      },
    )
  let token: unknown
  try {
    const { default: give } = (await import(pathToFileURL(resolve(path)).href)) as { default: () => Promise<unknown> }
    token = await give()
  } catch (cause) {
    throw failed((cause as Error).message, cause)
  }
  if (typeof token !== 'string' || token === '') throw failed('its default export must be a function that returns a text, or a promise of one')
  return token
}
