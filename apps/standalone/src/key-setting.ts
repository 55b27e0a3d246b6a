import { z } from 'zod'
import { isLoopback } from '#access'
import { RondoError } from '#contracts'

/** Whether requests need keys. Unless it is set, they do as soon as other machines can send some. */
export const keySetting = {
  keys: z
    .union([z.literal(''), z.enum(['required', 'optional'])], { error: 'expected required or optional' })
    .prefault('')
    .describe('whether a request needs a key, required or optional; unless set, optional where only this machine reaches the address'),
}

export interface KeyConfiguration {
  readonly keys: z.output<typeof keySetting.keys>
  readonly host: string
}

export const needsKeys = ({ keys, host }: KeyConfiguration): boolean => (keys === '' ? !isLoopback(host) : keys === 'required')

/** @throws RondoError RONDO_ARGUMENT_INVALID where other machines reach the address, and keys are not to be required */
export function checkKeys({ keys, host = '' }: Partial<KeyConfiguration>): void {
  if (keys !== 'optional' || isLoopback(host)) return
  const advice = 'leave --keys out, or listen on 127.0.0.1 with a proxy in front'
  throw new RondoError('RONDO_ARGUMENT_INVALID', `--keys optional: other machines reach ${host}, so that keys are required: ${advice}.`)
}
