import { expect, it } from '@jest/globals'
import { isLoopback, isLoopbackHost } from './loopback.ts'

it.each([
  ['127.0.0.1', true, true],
  ['127.1.2.3', true, true],
  ['LOCALHOST', true, true],
  ['[::1]', true, true],
  ['::1', true, false],
  ['::ffff:127.0.0.1', true, false],
  ['localhost:8080', false, true],
  ['[::1]:8080', false, true],
  ['127.0.0.1:80:80', false, false],
  ['localhost.example', false, false],
  ['127.0.0.1.example:80', false, false],
  ['example', false, false],
  ['10.0.0.7', false, false],
  ['', false, false],
])('%j is a loopback address: %j; as the header Host: %j', (text, isAddress, isHost) =>
  expect([isLoopback(text), isLoopbackHost(text)]).toEqual([isAddress, isHost]),
)
