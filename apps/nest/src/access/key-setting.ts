import { z } from 'zod'
import { isLoopback } from '#access'
import { RondoError } from '#contracts'
import { integer, live } from '#process'

/** More than one process can answer, so in practice no limit. */
const REQUESTS_LIMIT = 1_000_000

/** Whether requests need keys, and how many may come. By default they need keys if other machines can reach the address. */
export const accessSettings = {
  keys: z
    .union([z.literal(''), z.enum(['required', 'optional'])], { error: 'expected required or optional' })
    .prefault('')
    .describe('whether a request needs a key, required or optional; unless set, optional where only this machine reaches the address'),
  environment: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, { error: 'expected small letters, digits and dashes' })
    .prefault('production')
    .describe('the environment that runs here; keys of another one are refused'),
  requestsPerSecond: live(integer(1, REQUESTS_LIMIT).prefault('1000').describe('how many requests may come from one address of another machine')),
}

/** The settings that decide whether keys are required. */
export interface KeyConfiguration {
  readonly keys: z.output<typeof accessSettings.keys>
  readonly host: string
}

/** Whether requests need a key: unless it is set, only if others than this machine can reach the app. */
export const needsKeys = ({ keys, host }: KeyConfiguration): boolean => (keys === '' ? !isLoopback(host) : keys === 'required')

/** @throws RondoError RONDO_ARGUMENT_INVALID if other machines reach the address and keys are optional */
export function checkKeys({ keys, host = '' }: Partial<KeyConfiguration>): void {
  if (keys !== 'optional' || isLoopback(host)) return
  const advice = 'leave --keys out, or listen on 127.0.0.1 with a proxy in front'
  throw new RondoError('RONDO_ARGUMENT_INVALID', `--keys optional: other machines reach ${host}, so that keys are required: ${advice}.`)
}
