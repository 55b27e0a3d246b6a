import { RondoError } from '#contracts'

/** Where a server should listen, and the settings that say so. */
interface Wanted {
  readonly host: string
  readonly port: number
  readonly flags: { readonly host: string; readonly port: string }
}

/** The error for a server that cannot listen; another cause is given back as it is. */
export function listenFailure(cause: NodeJS.ErrnoException, { host, port, flags }: Wanted): unknown {
  if (cause.code === 'EADDRINUSE') {
    return new RondoError('RONDO_PORT_IN_USE', `Another program listens on ${host}:${port}. Stop it, or choose another port with ${flags.port}.`, { cause })
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
    return new RondoError('RONDO_ARGUMENT_INVALID', `This machine has no address ${host}. Choose one of its own with ${flags.host}, or 0.0.0.0 for all.`, {
      cause,
    })
  }
  if (cause.code !== 'EACCES') return cause
  return new RondoError('RONDO_ARGUMENT_INVALID', `This user may not listen on port ${port}. Choose one above 1023 with ${flags.port}.`, { cause })
}
