import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type KafkaSecurity, type RightHolder, rightHolders } from '#event-log'
import { randomId, Secret } from '#runtime'
import { Authority, type CertificateOptions } from './certificates.ts'

/** The user that may do everything: it creates topics and gives rights. */
export const ADMINISTRATOR = 'administrator'
/** How each holder of rights logs in, so that all ways are used. */
const mechanisms: Readonly<Record<RightHolder, 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'>> = {
  ingest: 'SCRAM-SHA-512',
  processor: 'SCRAM-SHA-256',
  reactor: 'OAUTHBEARER',
  serving: 'PLAIN',
  commands: 'SCRAM-SHA-512',
}
/** All variables of a login, without values: a process inherits those of the process that starts it. */
const NO_LOGIN = { RONDO_KAFKA_USER: '', RONDO_KAFKA_PASSWORD: '', RONDO_KAFKA_PASSWORD_FILE: '', RONDO_KAFKA_TOKEN_FILE: '', RONDO_KAFKA_TOKEN_MODULE: '' }
const TOKEN_HOURS = 24

/** The name of the user of a holder of rights. */
export const userOf = (holder: RightHolder): string => `rondo-${holder}`

/** The users of a secured broker, with their passwords, and the certificates of the broker, in a folder. */
export class KafkaUsers {
  readonly #folder: string
  readonly #passwords: Readonly<Record<string, string>>

  /** Makes them if the folder has none. */
  constructor(folder: string) {
    this.#folder = folder
    if (!existsSync(this.#passwordsFile)) {
      new Authority(folder).sign('broker')
      const passwords = Object.fromEntries([ADMINISTRATOR, ...rightHolders.map(userOf)].map((user) => [user, `${user}-${randomId()}`]))
      writeFileSync(this.#passwordsFile, JSON.stringify(passwords))
      for (const [user, password] of Object.entries(passwords)) writeFileSync(this.#secretFile(user), `${password}\n`)
      for (const holder of rightHolders) writeFileSync(this.#tokenFile(userOf(holder)), unsignedToken(userOf(holder)))
    }
    this.#passwords = JSON.parse(readFileSync(this.#passwordsFile, 'utf8')) as Record<string, string>
  }

  /** All passwords and tokens: none of them may appear in what a process writes. */
  get secrets(): string[] {
    return [...Object.values(this.#passwords), ...rightHolders.map((holder) => readFileSync(this.#tokenFile(userOf(holder)), 'utf8'))]
  }

  get authority(): string {
    return join(this.#folder, 'authority.pem')
  }

  /** Signs one more certificate by this authority. @returns the file with the key and the certificate, whose beginning has this name */
  certificateOf(file: string, options: CertificateOptions): string {
    return new Authority(this.#folder).sign(file, options).both
  }

  /** The connection of the administrator. */
  get administrator(): KafkaSecurity {
    const tls = { ca: { path: this.authority, setting: 'the authority of the test' } }
    return { tls, login: { mechanism: 'plain', user: ADMINISTRATOR, password: Secret.of(this.#passwords[ADMINISTRATOR] as string) } }
  }

  /** The settings with which an app, or a command, logs in. Its secret is in a file. */
  loginOf(holder: RightHolder): Record<string, string> {
    const mechanism = mechanisms[holder]
    const user = userOf(holder)
    const login =
      mechanism === 'OAUTHBEARER'
        ? { RONDO_KAFKA_TOKEN_FILE: this.#tokenFile(user) }
        : { RONDO_KAFKA_USER: user, RONDO_KAFKA_PASSWORD_FILE: this.#secretFile(user) }
    return { ...NO_LOGIN, RONDO_KAFKA_TLS: 'yes', RONDO_KAFKA_CA_FILE: this.authority, RONDO_KAFKA_SASL: mechanism.toLowerCase(), ...login }
  }

  /** The settings by which a broker asks for TLS and a login, and checks rights. */
  brokerProperties(): Record<string, string> {
    const users = Object.entries(this.#passwords).map(([user, password]) => `user_${user}="${password}"`)
    const administrator = `username="${ADMINISTRATOR}" password="${this.#passwords[ADMINISTRATOR]}"`
    const login = (mechanism: string): string => `listener.name.sasl_ssl.${mechanism}`
    const security = 'org.apache.kafka.common.security'
    return {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': join(this.#folder, 'broker.pem'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': this.authority,
      'sasl.enabled.mechanisms': [...new Set(Object.values(mechanisms))].join(','),
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'inter.broker.listener.name': 'SASL_SSL',
      [`${login('plain')}.sasl.jaas.config`]: `${security}.plain.PlainLoginModule required ${administrator} ${users.join(' ')};`,
      [`${login('scram-sha-256')}.sasl.jaas.config`]: `${security}.scram.ScramLoginModule required;`,
      [`${login('scram-sha-512')}.sasl.jaas.config`]: `${security}.scram.ScramLoginModule required;`,
      // Tokens without a signature: for tests only.
      [`${login('oauthbearer')}.sasl.jaas.config`]: `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="${ADMINISTRATOR}";`,
      [`${login('oauthbearer')}.sasl.server.callback.handler.class`]: `${security}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // The controller's own listener knows no users.
      'super.users': `User:${ADMINISTRATOR};User:ANONYMOUS`,
    }
  }

  /** Arguments of the format of a broker's folder: the users that SCRAM knows. */
  formatArguments(): string[] {
    const users = rightHolders.filter((holder) => mechanisms[holder].startsWith('SCRAM')).map((holder) => [mechanisms[holder], userOf(holder)] as const)
    return users.flatMap(([mechanism, user]) => ['--add-scram', `${mechanism}=[name=${user},password=${this.#passwords[user]}]`])
  }

  get #passwordsFile(): string {
    return join(this.#folder, 'passwords.json')
  }

  #secretFile(user: string): string {
    return join(this.#folder, `${user}.password`)
  }

  #tokenFile(user: string): string {
    return join(this.#folder, `${user}.token`)
  }
}

/** A token without a signature, for brokers that check none. */
export function unsignedToken(user: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const nowS = Math.floor(Date.now() / 1000)
  return `${part({ alg: 'none' })}.${part({ sub: user, iat: nowS - 60, exp: nowS + TOKEN_HOURS * 3600 })}.`
}
