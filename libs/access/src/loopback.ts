const NAMES = String.raw`localhost|127(?:\.\d{1,3}){3}|\[::1\]`
const ADDRESS = new RegExp(`^(?:${NAMES}|::1|::ffff:127(?:\\.\\d{1,3}){3})$`, 'i')
const HOST = new RegExp(`^(?:${NAMES})(?::\\d{1,5})?$`, 'i')

/** Whether an address is a loopback address, which only this machine can reach. */
export const isLoopback = (address: string): boolean => ADDRESS.test(address)

/** Whether the header Host of a request names a loopback address, with or without a port. */
export const isLoopbackHost = (host: string): boolean => HOST.test(host)
