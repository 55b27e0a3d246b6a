import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The URL of a server that listens on a host. */
export function addressOf(server: Server, host: string): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`
}
