/** The version of the time zone data that this process carries, such as `2026c`: it says when clocks change, and so where local days begin. */
export const timeZoneData: string = process.versions['tz'] ?? 'unknown'
