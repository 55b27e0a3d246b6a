import { expect, it } from '@jest/globals'
import { throttled } from './throttle.ts'

it('passes a repeated text on at the first, second, fourth, eighth … time', () => {
  const written: string[] = []
  const write = throttled((text) => written.push(text))
  for (let time = 0; time < 9; time++) write('down')
  write('up')
  expect(written).toEqual(['down', 'down (2 times so far)', 'down (4 times so far)', 'down (8 times so far)', 'up'])
})
