import { gzipSync } from 'node:zlib'
import { expect, it } from '@jest/globals'
import { captureBody } from './capture-body.ts'

it('the body of a capture is unpacked and parsed once, for the guard and for the handler', async () => {
  const body = gzipSync('{"api_key":"k","event":"Visit"}')
  const capture = await captureBody(body, 'gzip-js')
  expect(capture).toEqual({ api_key: 'k', event: 'Visit' })
  expect(await captureBody(body, 'gzip-js')).toBe(capture)
  expect(await captureBody(Buffer.from(body), 'gzip-js')).not.toBe(capture)
})
