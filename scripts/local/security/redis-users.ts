import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RATE_COMMANDS } from '#access'
import { MODEL_COMMANDS } from '#projections'
import { type RedisServerSettings, randomId, redisRules, Secret } from '#runtime'
import { Authority, type CertificateOptions } from './certificates.ts'

/** The user of Redis that may do everything. */
const ADMINISTRATOR = 'administrator'
/** The user of Rondo in Redis. */
const USER = 'rondo'

/** Options of a client that may do everything. */
export interface RedisAdministrator {
  readonly username: string
  readonly password: string
  readonly tls: { readonly ca: string }
}

/** The users of a secured Redis with their passwords, and its certificate, in a folder. */
export class RedisUsers {
  readonly #folder: string
  readonly #passwords: Readonly<Record<typeof ADMINISTRATOR | typeof USER, string>>

  /** Makes them if the folder has none. */
  constructor(folder: string) {
    this.#folder = folder
    if (!existsSync(this.#file('passwords.json'))) {
      new Authority(folder).sign('redis')
      const passwords = { [ADMINISTRATOR]: `redis-administrator-${randomId()}`, [USER]: `redis-rondo-${randomId()}` }
      writeFileSync(this.#file('passwords.json'), JSON.stringify(passwords))
      writeFileSync(this.#file('rondo.password'), `${passwords[USER]}\n`)
      // Without the rules of a deployment, the user may do nothing.
      // The user `default` is off, but keeps its rights: as this user many releases of Redis load their file of commands, and
      // leave out each transaction that it may not do.
      const users = ['user default off ~* &* +@all', `user ${ADMINISTRATOR} on >${passwords[ADMINISTRATOR]} ~* &* +@all`, `user ${USER} on >${passwords[USER]}`]
      writeFileSync(this.#file('users.acl'), `${users.join('\n')}\n`)
    }
    this.#passwords = JSON.parse(readFileSync(this.#file('passwords.json'), 'utf8'))
  }

  get secrets(): string[] {
    return Object.values(this.#passwords)
  }

  get authority(): string {
    return this.#file('authority.pem')
  }

  /** Replaces the certificate of the server, which has it from its next start on. */
  renewCertificate(options: CertificateOptions = {}): void {
    new Authority(this.#folder).sign('redis', options)
  }

  /** Arguments of redis-server. */
  serverArguments(port: number): string[] {
    const tls = ['--tls-cert-file', this.#file('redis-cert.pem'), '--tls-key-file', this.#file('redis-key.pem'), '--tls-ca-cert-file', this.authority]
    return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...tls, '--aclfile', this.#file('users.acl')]
  }

  /** Options of a client that may do everything. */
  get administrator(): RedisAdministrator {
    return { username: ADMINISTRATOR, password: this.#passwords[ADMINISTRATOR], tls: { ca: readFileSync(this.authority, 'utf8') } }
  }

  /** The same for the product's own client. */
  get access(): Pick<RedisServerSettings, 'user' | 'password' | 'tls'> {
    const tls = { ca: { path: this.authority, setting: 'the authority of the test' } }
    return { user: ADMINISTRATOR, password: Secret.of(this.#passwords[ADMINISTRATOR]), tls }
  }

  /** The settings of apps: the password comes from a file. */
  get login(): Record<string, string> {
    return { RONDO_REDIS_USER: USER, RONDO_REDIS_PASSWORD_FILE: this.#file('rondo.password'), RONDO_REDIS_CA_FILE: this.authority }
  }

  /** The arguments of `ACL SETUSER` by which the user of Rondo gets exactly the rights that Rondo documents, for the keys of one more prefix. */
  rulesFor(prefix: string): string[] {
    const rules = redisRules(prefix, [...MODEL_COMMANDS, ...RATE_COMMANDS])
    return [USER, ...rules.filter((rule) => rule !== 'resetkeys')]
  }

  #file(name: string): string {
    return join(this.#folder, name)
  }
}
