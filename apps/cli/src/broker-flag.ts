import { BROKERS_EXPECTED, readBrokers } from '#event-log'
import type { ArgumentDefects } from './argument-defects.ts'

/** The value of --brokers; an empty list if it has a defect. */
export function brokerList(text: string, defects: ArgumentDefects): string[] {
  const list = readBrokers(text)
  if (list === undefined) defects.add(`--brokers: ${BROKERS_EXPECTED}, found ${JSON.stringify(text)}.`)
  return list ?? []
}
