import { describe, expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import { Refusal } from './refusal.ts'

const refused = new RondoError('RONDO_LOGIN_REFUSED', 'The user is refused.', { retriable: true })

describe('a refusal', () => {
  it('explains why an app is not ready, once, until an attempt succeeds or fails otherwise', () => {
    const refusal = new Refusal()
    expect(refusal.explained('Nothing is read.')).toBe('Nothing is read.')
    refusal.note(refused)
    expect(refusal.explained('Nothing is read.')).toBe('Nothing is read. The user is refused. (RONDO_LOGIN_REFUSED)')
    expect(refusal.explained('Late: The user is refused. (RONDO_LOGIN_REFUSED)')).toBe('Late: The user is refused. (RONDO_LOGIN_REFUSED)')
    refusal.clear()
    expect(refusal.explained('Nothing is read.')).toBe('Nothing is read.')
    refusal.note(refused)
    refusal.note(new Error('connection reset'))
    expect(refusal.explained('Nothing is read.')).toBe('Nothing is read.')
  })

  it('makes no app unready that goes on with the connections it has', () => {
    const refusal = new Refusal()
    refusal.note(refused)
    expect(refusal.explained(undefined)).toBeUndefined()
  })
})
