import { describe, expect, it } from '@jest/globals'
import { generationName } from './generation-name.ts'

const parts = ['0a1b', 'rondo.live', 6, 'main']

describe('the name of a generation in Redis', () => {
  it('equals the name in existing stores, for the present version of the histories', () => {
    expect(generationName(parts)).toBe('0a1b-rondo_live-6-main')
  })

  it('differs if the histories have changed', () => {
    expect(generationName(parts, 2)).toBe('0a1b-rondo_live-6-main-histories2')
  })
})
