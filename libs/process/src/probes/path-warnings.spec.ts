import { describe, expect, it } from '@jest/globals'
import { PathWarnings } from './path-warnings.ts'

const path = 'properties.artistId'

describe('a path that no event has', () => {
  it('is reported once, and again if events had it meanwhile', () => {
    const said: string[] = []
    const warnings = new PathWarnings({ cycle: 'musician' }, (text) => said.push(text))
    warnings.record(0, { [path]: { missing: 60, had: 0, near: 'properties.artist_id' } })
    expect([said, warnings.texts]).toEqual([[], []])
    warnings.record(1, { [path]: { missing: 60, had: 0 } })
    warnings.record(1, { [path]: { missing: 61, had: 0 } })
    expect(said).toEqual([
      'Cycle musician: 120 events so far in which the definition reads `properties.artistId`, and none has a value there; there is `properties.artist_id`. Compare the path with what is sent: send the property, or correct the path in a cycle with a name of its own.',
    ])
    expect(warnings.texts[0]).toContain('121 events so far')
    warnings.record(1, { [path]: { missing: 0, had: 1 } })
    expect(warnings.texts).toEqual([])
    warnings.record(1, { [path]: { missing: 10_000, had: 1 } })
    expect([said.length, said[1]]).toEqual([
      2,
      expect.stringContaining('The last 10060 events in which the definition reads `properties.artistId` have no value there'),
    ])
  })

  it('is not counted in partitions that another process folds now', () => {
    const warnings = new PathWarnings({ cycle: 'musician' }, () => {})
    warnings.record(0, { [path]: { missing: 100, had: 0 } })
    warnings.forget(0)
    expect(warnings.texts).toEqual([])
  })
})
