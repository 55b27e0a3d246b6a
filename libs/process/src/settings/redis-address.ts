import { z } from 'zod'

/** How the read models are found: `redis://host:port`, `rediss://` with TLS. Of a cluster several after commas, where the scheme need not be repeated. */
export function redisAddress() {
  return z
    .string()
    .refine((text) => isAddress(text) || text.split(',').every((part, at) => isAddress(at === 0 || part.includes('://') ? part : `redis://${part}`)), {
      error: 'expected redis://host:port, or rediss:// with TLS, with a port from 1 to 65535',
    })
}

/** With a user, a password and the number of a database where there are any. */
function isAddress(text: string): boolean {
  if (!/^rediss?:\/\/\S+$/.test(text)) return false
  const { hostname, port, pathname } = URL.parse(text) ?? { hostname: '', port: '', pathname: '' }
  return hostname !== '' && port !== '0' && /^\/?\d*$/.test(pathname)
}
