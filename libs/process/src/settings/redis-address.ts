import { z } from 'zod'

/** The address of the read models: `redis://host:port`, or `rediss://` with TLS. For a cluster several addresses after commas; the scheme need not be repeated. */
export function redisAddress() {
  return z
    .string()
    .refine((text) => isAddress(text) || text.split(',').every((part, at) => isAddress(at === 0 || part.includes('://') ? part : `redis://${part}`)), {
      error: 'expected redis://host:port, or rediss:// with TLS, with a port from 1 to 65535',
    })
}

/** Whether a text is one address, with or without user, password and database number. */
function isAddress(text: string): boolean {
  if (!/^rediss?:\/\/\S+$/.test(text)) return false
  const { hostname, port, pathname } = URL.parse(text) ?? { hostname: '', port: '', pathname: '' }
  return hostname !== '' && port !== '0' && /^\/?\d*$/.test(pathname)
}
