import { isIP } from 'node:net'
import { readServerFile, unreadable } from './secret.ts'

/** The files of a TLS connection to a server, each with the setting that names it in messages. */
export interface TlsFiles {
  /** Certificates of the authorities that may have issued the server's certificate; by default those that Node knows. */
  readonly ca?: TlsFile
  /** The certificate of this process and its key, for servers that require one. */
  readonly cert?: TlsFile
  readonly key?: TlsFile
}

/** A file in the format PEM. */
interface TlsFile {
  readonly path: string
  readonly setting: string
}

/** Options for Node's `tls.connect`. */
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

/**
 * Options whose files are read whenever a client reads the options, which is at each connection: so a renewed certificate is used without a restart.
 * Reading them throws RondoError RONDO_SECRET_UNREADABLE if a file cannot be used.
 * @param host the name to ask for; a client that knows the host of each connection sets it itself
 */
export function tlsOptions({ ca, cert, key }: TlsFiles, host?: string): TlsOptions {
  const options: TlsOptions = host === undefined || isIP(host) !== 0 ? {} : { servername: host }
  for (const [name, file, kind] of [
    ['ca', ca, 'CERTIFICATE'],
    ['cert', cert, 'CERTIFICATE'],
    ['key', key, 'PRIVATE KEY'],
  ] as const) {
    if (file !== undefined) Object.defineProperty(options, name, { enumerable: true, get: () => readPem(file, kind) })
  }
  return options
}

/** Reads the files once. @throws RondoError RONDO_SECRET_UNREADABLE */
export function checkTlsFiles(files: TlsFiles): void {
  void { ...tlsOptions(files) }
}

function readPem({ path, setting }: TlsFile, kind: string): string {
  const text = readServerFile(path, setting)
  if (!text.includes(`${kind}-----`)) throw unreadable(setting, path, `it has no line "-----BEGIN ${kind}-----", as the format PEM has`)
  return text
}
