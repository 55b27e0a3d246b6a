import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The days for which a certificate is valid. Less than 0: it has expired. */
const DAYS = 30
const EXPIRED_DAYS = -1
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
const THIS_MACHINE = 'IP:127.0.0.1,DNS:localhost'

/** A certificate with its key, as files in the format PEM. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
  /** The key and the certificate in one file, as Kafka reads them. */
  readonly both: string
}

/** What is unusual in a certificate. */
export interface CertificateOptions {
  /** The names for which it is signed; by default those of this machine. */
  readonly names?: string
  readonly expired?: boolean
}

/** An authority that signs certificates in a folder, by openssl. Nobody but tests and trials on this machine trusts it. */
export class Authority {
  readonly #folder: string

  /** Makes the authority if the folder has none. */
  constructor(folder: string, name = 'Rondo on this machine') {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
    if (existsSync(this.certificate)) return
    openssl('req', '-x509', ...NEW_KEY, '-keyout', this.#key, '-out', this.certificate, '-subj', `/CN=${name}`, '-days', String(DAYS))
  }

  /** The file that a client needs to know this authority. */
  get certificate(): string {
    return join(this.#folder, 'authority.pem')
  }

  /** Signs a certificate. @param file the beginning of the names of its files */
  sign(file: string, { names = THIS_MACHINE, expired = false }: CertificateOptions = {}): CertificateFiles {
    const at = (end: string): string => join(this.#folder, `${file}${end}`)
    const [request, extensions] = [at('.csr'), at('.ext')]
    const files = { cert: at('-cert.pem'), key: at('-key.pem'), both: at('.pem') }
    openssl('req', '-new', ...NEW_KEY, '-keyout', files.key, '-out', request, '-subj', `/CN=${file}`)
    writeFileSync(extensions, `subjectAltName=${names}\n`)
    const by = ['-CA', this.certificate, '-CAkey', this.#key, '-CAcreateserial', '-extfile', extensions]
    openssl('x509', '-req', '-in', request, ...by, '-out', files.cert, '-days', String(expired ? EXPIRED_DAYS : DAYS))
    writeFileSync(files.both, readFileSync(files.key, 'utf8') + readFileSync(files.cert, 'utf8'))
    return files
  }

  get #key(): string {
    return join(this.#folder, 'authority-key.pem')
  }
}

function openssl(...args: string[]): void {
  const { status, stderr, error } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (status !== 0) throw new TypeError(`openssl ${args[0]} failed (Debian: apt-get install openssl): ${error?.message ?? stderr}`)
}
