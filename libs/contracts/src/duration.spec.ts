import { describe, expect, it } from '@jest/globals'
import { formatDuration, parseDuration } from './duration.ts'

describe('a duration', () => {
  it.each([
    [86_400_000, '24h'],
    [7 * 86_400_000, '168h'],
    [5_400_000, '90m'],
    [90_000, '90s'],
    [1500, '1500ms'],
    [0, '0s'],
  ])('of %d ms is written %s, and read as the same', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
    expect(parseDuration(text)).toBe(ms)
  })
})
