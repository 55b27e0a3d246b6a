import { expect, it } from '@jest/globals'
import { freshened } from './get-answer.ts'

const old = { asOf: { logTime: '2026-11-29T10:00:00.000Z', ageSeconds: 1 }, total: 3 }

it('an answer that the browser kept is as fresh as the headers of the newest one say', () => {
  const headers = new Headers({ 'rondo-as-of': '2026-11-29T12:00:00.000Z', date: 'Sun, 29 Nov 2026 12:00:05 GMT' })
  expect(freshened(old, headers)).toEqual({ asOf: { logTime: '2026-11-29T12:00:00.000Z', ageSeconds: 5 }, total: 3 })
})

it('an answer without these headers, or without a freshness, stays as it is', () => {
  expect(freshened(old, new Headers())).toBe(old)
  expect(freshened(['a'], new Headers({ 'rondo-as-of': '2026-11-29T12:00:00.000Z', date: 'Sun, 29 Nov 2026 12:00:05 GMT' }))).toEqual(['a'])
})
