import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from '#runtime'
import { ReadinessLog } from './readiness-log.ts'

describe('the log of readiness', () => {
  it('has a line for each change, with the reason; an unready app is an alarm only after it has been ready', () => {
    const messages: string[] = []
    const logger = { info: (text: string) => void messages.push(`info: ${text}`), warn: (text: string) => void messages.push(`warn: ${text}`) }
    const clock = new SimulatedClock(0)
    let reason: string | undefined = 'It starts.'
    const log = new ReadinessLog(() => reason, logger, clock)
    const poll = (next: string | undefined): void => {
      reason = next
      log.poll()
      clock.advanceBy(1000)
    }
    poll('It starts.')
    poll('It starts.')
    poll(undefined)
    poll('Nobody has answered for 11 s.')
    poll('Nobody has answered for 12 s.')
    poll('The topic is missing.')
    poll(undefined)
    poll(undefined)
    expect(messages).toEqual([
      'info: Not ready: It starts.',
      'info: Ready, after 2 s.',
      'warn: Not ready: Nobody has answered for 11 s.',
      'warn: Not ready: The topic is missing.',
      'info: Ready again, after 3 s.',
    ])
  })
})
