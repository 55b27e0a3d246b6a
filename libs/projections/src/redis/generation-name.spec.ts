import { describe, expect, it } from '@jest/globals'
import { generationName } from './generation-name.ts'

const parts = ['0a1b', 'rondo.live', 6, 'main']

describe('the name of a generation in Redis', () => {
  it('is for the histories of today the one that stores in use have', () => {
    expect(generationName(parts)).toBe('0a1b-rondo_live-6-main')
  })

  it('is another one where the histories have changed', () => {
    expect(generationName(parts, 2)).toBe('0a1b-rondo_live-6-main-histories2')
  })
})
