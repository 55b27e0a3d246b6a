/** The version of the time zone data of this process, such as `2026c`: the data determines when clocks change, and so when local days begin. */
export const timeZoneData: string = process.versions['tz'] ?? 'unknown'
