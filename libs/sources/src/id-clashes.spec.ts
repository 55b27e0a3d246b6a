import { describe, expect, it } from '@jest/globals'
import { IdClashes } from './id-clashes.ts'

describe('an id', () => {
  it('is shared where an earlier event had it and another name or actor; copies are one event', () => {
    const ids = new IdClashes()
    const seen = [
      ids.saw({ id: '1', event: 'A' }, 'u'),
      ids.saw({ id: '1', event: 'A' }, 'u'),
      ids.saw({ id: '2', event: 'A' }, 'u'),
      ids.saw({ id: '1', event: 'B' }, 'u'),
      ids.saw({ id: '1', event: 'A' }, 'v'),
      ids.saw({ id: '1', event: 'A' }, 'u'),
    ]
    expect(seen).toEqual([false, false, false, true, true, false])
    expect(ids.events).toBe(2)
  })

  it('that comes again and again is remembered among any number of others', () => {
    const ids = new IdClashes()
    for (let n = 0; n < 400_000; n++) ids.saw(n % 1000 === 0 ? { id: 'same', event: `${n}` } : { id: `${n}`, event: 'A' }, 'u')
    expect(ids.events).toBe(399)
  })
})
