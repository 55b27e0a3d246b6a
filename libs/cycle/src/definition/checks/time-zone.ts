import type { DefinitionParts } from '../parts.ts'
import type { Report } from '../report.ts'

/** Local days begin by this zone, so it must be in the time zone data of this process. */
export function checkTimeZone({ timezone }: DefinitionParts, report: Report): void {
  if (timezone === undefined || isTimeZone(timezone)) return
  report.error(['timezone'], `timezone: ${JSON.stringify(timezone)} is not a known time zone; expected an IANA name such as UTC or Europe/Berlin`)
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
