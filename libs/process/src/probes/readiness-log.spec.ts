import { describe, expect, it } from '@jest/globals'
import { SimulatedClock } from '#runtime'
import { ReadinessLog } from './readiness-log.ts'

describe('the log of readiness', () => {
  it('has each change, with the reason, and an alarm only after the app has been ready', () => {
    const messages: string[] = []
    const logger = { info: (text: string) => void messages.push(`news: ${text}`), warn: (text: string) => void messages.push(`alarm: ${text}`) }
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
      'news: Not ready: It starts.',
      'news: Ready, after 2 s.',
      'alarm: Not ready: Nobody has answered for 11 s.',
      'alarm: Not ready: The topic is missing.',
      'news: Ready again, after 3 s.',
    ])
  })
})
