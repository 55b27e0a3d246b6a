import type { AuthenticationProviderArgs, Authenticator } from 'kafkajs'

/** Gives a token that is valid now; called at each connection. */
export type TokenSource = () => Promise<string>

/** Begins and ends each part of the message (RFC 7628). */
const SEPARATOR = '\u0001'
const LENGTH_BYTES = 4

/** A broker has refused a token; kafkajs does not try the same one again. */
class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly retriable = false
}

/**
 * The login by a token. kafkajs 2.2.4 has one too, but takes a refusal for success: the broker answers a refused token with a JSON text, and the
 * connection would end at the next request for no visible reason.
 */
export function oauthBearer(token: TokenSource): (args: AuthenticationProviderArgs) => Authenticator {
  return ({ saslAuthenticate }) => ({
    async authenticate() {
      const message = Buffer.from(`n,,${SEPARATOR}auth=Bearer ${await token()}${SEPARATOR}${SEPARATOR}`)
      const refusal = await saslAuthenticate({
        request: { encode: async () => withLength(message) },
        response: { decode: (bytes) => bytes.subarray(LENGTH_BYTES), parse: String },
      })
      if (refusal !== '') throw new TokenRefused(`the broker answered ${refusal}`)
    },
  })
}

/** The bytes after their length, as Kafka encodes them. */
function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
