import { describe, expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import { freePorts } from '../../../../scripts/local/free-port.ts'
import { untilReachable } from './until-reachable.ts'

const unavailable = () => new RondoError('RONDO_LOG_UNAVAILABLE', 'The topics cannot be checked: no broker answers.', { retriable: true })
const refused = () => new RondoError('RONDO_LOGIN_REFUSED', 'The brokers refuse the login: the password is wrong.', { retriable: true })

/** A start whose log answers when the test says so. */
async function waitingStart(signal = new AbortController().signal, failure: RondoError = unavailable()) {
  const [port = 0] = await freePorts(1)
  const warnings: string[] = []
  const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) }
  const gate: { failure: RondoError | undefined } = { failure }
  const failed = Promise.withResolvers<void>()
  const open = async (): Promise<string> => {
    if (gate.failure === undefined) return 'the log'
    // The second attempt comes after the failure of the first one was reported.
    if (warnings.length > 0) failed.resolve()
    throw gate.failure
  }
  const opened = untilReachable(open, { listening: { host: '127.0.0.1', port }, logger, signal })
  opened.catch(() => {})
  return { url: `http://127.0.0.1:${port}`, gate, opened, warnings, failed: failed.promise }
}

describe('the start of an app while the log cannot be reached', () => {
  it('lives, is not ready with the reason, and refuses requests so that clients send them again', async () => {
    const { url, gate, opened, warnings, failed } = await waitingStart()
    await failed
    const live = await fetch(`${url}/v1/health/live`)
    const ready = await fetch(`${url}/v1/health/ready`)
    const batch = await fetch(`${url}/v1/batch`, { method: 'POST', body: '{}' })
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }])
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'unready', reason: expect.stringContaining('no broker answers') }])
    expect([batch.status, batch.headers.get('retry-after'), batch.headers.get('content-type')]).toEqual([503, '5', 'application/problem+json'])
    expect(await batch.json()).toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', status: 503, requestId: batch.headers.get('x-request-id') })
    expect(warnings[0]).toContain('The process starts when the log can be reached.')
    gate.failure = undefined
    expect(await opened).toBe('the log')
  })

  it('leaves its port to the app when the log answers', async () => {
    const { url, gate, opened } = await waitingStart()
    gate.failure = undefined
    await opened
    await expect(fetch(`${url}/v1/health/live`)).rejects.toThrow()
  })

  it('waits also while the servers refuse this process, until an operator has corrected that', async () => {
    const { url, gate, opened, failed } = await waitingStart(new AbortController().signal, refused())
    await failed
    expect(await (await fetch(`${url}/v1/health/ready`)).json()).toEqual({ status: 'unready', reason: expect.stringContaining('the password is wrong') })
    gate.failure = undefined
    expect(await opened).toBe('the log')
  })

  it('ends at a failure that another attempt cannot change', async () => {
    const { gate, opened } = await waitingStart()
    gate.failure = new RondoError('RONDO_LOG_MISMATCH', 'The topics are not kept as they were declared.')
    await expect(opened).rejects.toMatchObject({ code: 'RONDO_LOG_MISMATCH' })
  })

  it('ends when the process is asked to end', async () => {
    const end = new AbortController()
    const { opened, failed } = await waitingStart(end.signal)
    await failed
    end.abort()
    await expect(opened).rejects.toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE' })
  })

  it('reports a port that another program has', async () => {
    const { url, opened, gate } = await waitingStart()
    const port = Number(new URL(url).port)
    const second = untilReachable(async () => 'the log', {
      listening: { host: '127.0.0.1', port },
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      signal: new AbortController().signal,
    })
    await expect(second).rejects.toMatchObject({ code: 'RONDO_PORT_IN_USE' })
    gate.failure = undefined
    await opened
  })
})
