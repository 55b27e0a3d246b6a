/** The settings that a message about a certificate names. */
export interface TlsSettingNames {
  /** The setting of the address. */
  readonly address: string
  readonly ca: string
  readonly cert: string
}

const EXPIRED = 'the certificate of the server has expired. Renew that certificate; if it is valid, correct the clock of this machine.'
const EARLY = 'the certificate of the server is not valid yet. Correct the clock of this machine, or the certificate.'
const unknownAuthority = ({ ca }: TlsSettingNames): string =>
  `the certificate of the server was issued by an authority that this process does not know. Name the file with the certificate of that authority in ${ca}.`
const otherHost = ({ address }: TlsSettingNames): string =>
  `the certificate of the server is for other names than the one that was asked for. Use a name of the certificate in ${address} and in the addresses that the server advertises, or have a certificate issued for this name.`
const failed = ({ address, cert, ca }: TlsSettingNames): string =>
  `no TLS connection can be made. Check that the port in ${address} is one for TLS, that ${ca} is the authority of the server, and, if the server requires a certificate of its clients, ${cert}.`

/** What is wrong and what to do, by the code of the error of Node or OpenSSL. */
const sentences: Readonly<Record<string, (names: TlsSettingNames) => string>> = {
  CERT_HAS_EXPIRED: () => EXPIRED,
  CERT_NOT_YET_VALID: () => EARLY,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: otherHost,
  HOSTNAME_MISMATCH: otherHost,
}
/** Codes of a TLS connection that failed for another reason. */
const OTHERS = /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|CRL_|EPROTO$|INVALID_CA$|PATH_LENGTH_EXCEEDED$|INVALID_PURPOSE$)/

/** Whether an error with this code is a refused or failed TLS connection, which a quick retry cannot correct. */
export function isTlsRefusal(code: unknown): code is string {
  return typeof code === 'string' && (code in sentences || OTHERS.test(code))
}

/** What is wrong with a TLS connection and what to do; undefined if the code is of another kind. */
export function tlsRefusal(code: unknown, names: TlsSettingNames): string | undefined {
  return isTlsRefusal(code) ? (sentences[code] ?? failed)(names) : undefined
}
