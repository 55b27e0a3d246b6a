import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { SimulatedClock, temporaryFolder } from '#runtime'
import { runCommand } from '../command-line.ts'
import { TextOutput } from '../text-output.ts'

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const CASES = join(import.meta.dirname, '../../../../test/fixtures/cases')
const textOf = (name: string): string => readFileSync(join(CASES, name), 'utf8')

function file(name: string, text: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  return path
}

async function rondo(...args: string[]): Promise<{ code: number; output: string; messages: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const into = (chunks: string[]) => new Writable({ write: (chunk, _, done) => done(void chunks.push(String(chunk)) as undefined) })
  const output = new TextOutput('standard output', () => into(out))
  const terminal = {
    version: '1',
    input: (async function* () {})(),
    output,
    messages: into(err),
    clock: new SimulatedClock(Date.parse('2026-06-01T00:00:00Z')),
    stop: new AbortController().signal,
  }
  const code = await runCommand(args, terminal)
  await output.flush()
  return { code, output: out.join(''), messages: err.join('') }
}

async function replay(
  definition: string,
  input: string,
  ...flags: string[]
): Promise<{ code: number; history: string[]; evidence: unknown; messages: string }> {
  const { code, output, messages } = await rondo('replay', '--definition', definition, '--input', input, ...flags)
  const outputs = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Output)
  return { code, history: outputs.map(({ to }) => to), evidence: outputs.at(-1)?.evidence.measures, messages }
}

describe('whole numbers beyond 2^53', () => {
  const definition = join(CASES, 'big-integers.yaml')
  const CSV = ['--csv', '--actor', 'who', '--time', 'when', '--event', 'Order Completed', '--property', 'item']

  it('stay different in a replay of NDJSON', async () => {
    expect(await replay(definition, join(CASES, 'big-integers.ndjson'))).toMatchObject({ code: 0, history: ['buyer', 'collector'], evidence: { items: 2 } })
  })

  it.each([
    ['9007199254740992', '9007199254740993'],
    ['-18446744073709551615', '-18446744073709551614'],
    ['1e20', '100000000000000000001'],
  ])('stay different as %s and %s, and equal numbers are equal', async (one, other) => {
    const lines = (items: readonly string[]): string =>
      items
        .map((item, at) =>
          textOf('big-integers.ndjson')
            .split('\n')
            [at]?.replace(/653\d+/, item),
        )
        .join('\n')
    expect(await replay(definition, file('apart.ndjson', lines([one, other])))).toMatchObject({ history: ['buyer', 'collector'] })
    expect(await replay(definition, file('same.ndjson', lines([one, `${one.startsWith('1e') ? '1.0e20' : `${one}.0`}`])))).toMatchObject({ history: ['buyer'] })
  })

  it('stay different in CSV', async () => {
    const rows = 'who,when,item\nnum,2026-01-01,653247040368672768\nnum,2026-01-02,653247040368672769\n'
    expect(await replay(definition, file('big.csv', rows), ...CSV)).toMatchObject({ code: 0, history: ['buyer', 'collector'] })
  })
})

describe('a number that is not finite', () => {
  const definition = join(CASES, 'beyond-numbers.yaml')

  it('is refused with its row, and the others are folded as without it', async () => {
    const { code, history, messages } = await replay(definition, join(CASES, 'beyond-numbers.ndjson'))
    expect([code, history]).toEqual([3, ['x', 'y']])
    expect(messages).toContain('beyond-numbers.ndjson:2: properties.v: expected a number up to 1.8e308, found a larger one (RONDO_EVENT_INVALID)')
    const lines = textOf('beyond-numbers.ndjson').split('\n')
    expect(await replay(definition, file('two.ndjson', [lines[0], lines[2]].join('\n')))).toMatchObject({ code: 0, history: ['x', 'y'] })
  })

  it('is refused in a list, in traits and in a Segment call too', async () => {
    const lines = [
      '{"type":"track","event":"A","userId":"u","timestamp":"2026-01-01","properties":{"list":[{"v":-1e309}]}}',
      '{"type":"identify","userId":"u","timestamp":"2026-01-01","traits":{"v":1E999}}',
    ]
    const { code, messages } = await replay(definition, file('nested.ndjson', lines.join('\n')))
    expect(code).toBe(3)
    expect(messages).toContain('nested.ndjson:1: properties.list.0.v: expected a number up to 1.8e308')
    expect(messages).toContain('nested.ndjson:2: traits.v: expected a number up to 1.8e308')
  })
})

describe('values that a sum leaves out', () => {
  const definition = file(
    'sum.yaml',
    [
      '{ cycle: s, version: 1, actor: user, grace: 0s, stages: [{ id: x, kind: active }], signals: { order: { event: Order Completed } },',
      'measures: { total: { sum: order, of: properties.total } },',
      'transitions: [{ id: t, from: start, to: x, trigger: order, when: { total: { gte: 0 } } }] }',
    ].join('\n'),
  )
  const CSV = ['--csv', '--actor', 'who', '--time', 'when', '--event-column', 'what', '--property', 'total']

  it('are in the summary, beside events that matched no signal and remarks', async () => {
    const call = (total: string, more = ''): string =>
      `{"type":"track","userId":"u","event":"Order Completed","timestamp":"2026-01-01","properties":{"total":${total}}${more}}`
    const lines = [
      call('"120.50"'),
      call('12'),
      call('9e10'),
      call('1', ',"messageId":"m"'),
      call('1', ',"messageId":"m"').replace('Order Completed', 'order_completed'),
    ]
    const { messages } = await replay(definition, file('sum.ndjson', lines.join('\n')))
    expect(messages).toContain('1 value of `total` was text, though it looks like a number: "')
    expect(messages).toContain('1 value of `total` is beyond ±9000000000, and is left out.\n')
    expect(messages).toContain('1 of 5 events matched no signal; `order_completed` is not `Order Completed`.\n')
    expect(messages).not.toContain('the id of an earlier')
  })

  it('is the same in CSV, where a cell that is written as a JSON number is one', async () => {
    const rows = ['who,when,what,total', 'u,2026-01-01,Order Completed,120.50', 'u,2026-01-01,Order Completed,"1,200.50"', 'null,2026-01-01,order completed,1']
    const { messages, evidence } = await replay(definition, file('sum.csv', rows.join('\n')), ...CSV)
    expect(evidence).toEqual({ total: 120.5 })
    expect(messages).toContain('1 value of `total` was text, though it looks like a number')
    expect(messages).toContain('1 of 3 events matched no signal; `order completed` is not `Order Completed`.\n')
    expect(messages).toContain('Some actor ids look like a missing id, so that events of many people may count as those of one: "null": 1 event.\n')
  })

  it('report ids that several events share, in a replay and in an import, whether the fold drops or applies the events', async () => {
    const call = (user: string, day: string, total: number, name = 'Order Completed'): string =>
      JSON.stringify({ type: 'track', userId: user, event: name, timestamp: `2026-01-${day}`, messageId: 'a', properties: { total } })
    const lines = [
      call('u', '01', 1),
      call('u', '01', 1),
      call('u', '01', 2),
      call('u', '01T12:00:00Z', 1),
      call('v', '01', 1),
      // After the 24 hours for which an id is remembered.
      call('u', '09', 3),
      // Refused, and without a signal.
      call('u', '01', 4).replace('2026-01-01', 'soon'),
      call('u', '01', 5, 'Other'),
    ]
    const input = file('ids.ndjson', lines.join('\n'))
    const dropped = '2 events have the id of an earlier event of the same actor, and another name, time or properties'
    const applied = '1 event has the id of an earlier event of another actor: ids count for each actor, so it was applied.'
    const expected = [expect.stringContaining(dropped), applied]
    const ofIds = (messages: string): string[] => messages.split('\n').filter((line) => line.includes('the id of an earlier'))
    const run = await replay(definition, input)
    expect(ofIds(run.messages)).toEqual(expected)
    expect(run.messages).toMatch(/duplicates +3\n/)
    const { messages } = await rondo('import', '--data', join(folder.path, 'ids'), '--definition', definition, '--input', input)
    expect(ofIds(messages)).toEqual(expected)
  })

  it('are in the messages of an import too', async () => {
    const rows = Array.from({ length: 1999 }, (_, n) => `u${n % 7},2026-01-01,order completed,"1.5"`)
    const input = file('import.csv', ['who,when,what,total', ...rows].join('\n'))
    const { code, messages } = await rondo('import', '--data', join(folder.path, 'data'), '--definition', definition, '--input', input, ...CSV)
    expect([code, messages]).toEqual([0, expect.stringContaining('1999 events, none matched a signal; `order completed` is not `Order Completed`.\n')])
  })
})
