import type { KafkaConfig } from 'kafkajs'
import { keepHidden, type Secret, type TlsFiles, tlsOptions } from '#runtime'
import { oauthBearer, type TokenSource } from './oauth-bearer.ts'
import { NotRetried } from './secured-connections.ts'

/** How a process encrypts its connections to Kafka, and how it logs in; neither where the brokers ask for none. */
export interface KafkaSecurity {
  readonly tls?: TlsFiles
  readonly login?: KafkaLogin
}

/** A login by SASL. */
export type KafkaLogin =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly user: string; readonly password: Secret }
  | { readonly mechanism: 'oauthbearer'; readonly token: TokenSource }

/** The options of kafkajs. Files are read again at each connection. */
export function securityOptions({ tls, login }: KafkaSecurity): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return { ...(tls && { ssl: tlsOptions(tls) }), ...(login && { sasl: loginOptions(login) as NonNullable<KafkaConfig['sasl']> }) }
}

function loginOptions(login: KafkaLogin): object {
  const { mechanism } = login
  if (mechanism === 'oauthbearer') return { mechanism, authenticationProvider: oauthBearer(async () => keepHidden(await unretried(login.token))) }
  const { user, password } = login
  return {
    mechanism,
    username: user,
    get password() {
      try {
        return password.reveal()
      } catch (failure) {
        throw new NotRetried(failure as Error)
      }
    },
  }
}

async function unretried(token: TokenSource): Promise<string> {
  try {
    return await token()
  } catch (failure) {
    throw new NotRetried(failure as Error)
  }
}
