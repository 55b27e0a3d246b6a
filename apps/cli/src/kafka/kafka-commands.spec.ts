import { describe, expect, it } from '@jest/globals'
import { commandFilesForTests, rondo } from '../../../../test/fixtures/processes/command-in-process.ts'

const { file, cycle, folder, presence } = commandFilesForTests()
const other = file('other.yaml', presence.replace('cycle: presence', 'cycle: musician'))
const names = async (...args: string[]): Promise<string[]> => {
  const { code, output, messages } = await rondo('kafka', ...args, '--as', 'json')
  expect({ code, messages }).toEqual({ code: 0, messages: '' })
  return (JSON.parse(output) as { name: string }[]).map(({ name }) => name)
}
const SHARED = ['activity', 'control', 'quarantine', 'writers']
const OF_CYCLE = ['checkpoints', 'late', 'names', 'transitions']

describe('rondo kafka', () => {
  it('prints the topics of one cycle without its name, with or without its definition', async () => {
    expect((await names('topics', '--dry-run')).sort()).toEqual([...SHARED, ...OF_CYCLE].sort())
    expect((await names('topics', '--dry-run', '--definition', cycle)).sort()).toEqual([...SHARED, ...OF_CYCLE].sort())
  })

  it('prints the topics of each further cycle, from repeated options, a list or a folder', async () => {
    const expected = [...SHARED, ...OF_CYCLE, ...OF_CYCLE.map((name) => `${name}.musician`)].sort()
    expect((await names('topics', '--dry-run', '--definition', cycle, '--definition', other)).sort()).toEqual(expected)
    expect((await names('topics', '--dry-run', '--definition', `${cycle},${other}`)).sort()).toEqual(expected)
    expect((await names('topics', '--dry-run', '--definition', folder.path)).sort()).toEqual(expected)
  })

  it('prints the rights on the topics, groups and transactions of each cycle', async () => {
    const rights = await names('acls', '--definition', cycle, other)
    expect(rights).toEqual(expect.arrayContaining(['transitions.musician', 'rondo', 'rondo.musician', 'rondo.musician/activity/', 'rondo/activity/']))
    expect(await names('acls')).not.toContain('rondo.musician')
  })

  it('gives the names without a cycle to the one that --first-cycle names, which need not run', async () => {
    const topics = await names('topics', '--dry-run', '--definition', cycle, other, '--first-cycle', 'musician')
    expect(topics).toEqual(expect.arrayContaining(['transitions', 'transitions.presence']))
    expect(await names('topics', '--dry-run', '--definition', cycle, '--first-cycle', 'gone')).not.toContain('transitions')
    expect(await rondo('kafka', 'topics', '--dry-run', '--first-cycle', 'musician')).toMatchObject({
      code: 2,
      messages: expect.stringContaining('--definition'),
    })
  })

  it('refuses definitions with defects, all at once', async () => {
    const broken = file('broken.txt', 'cycle: 1')
    const { code, output, messages } = await rondo('kafka', 'topics', '--dry-run', '--definition', broken, folder.path, cycle)
    expect({ code, output }).toEqual({ code: 2, output: '' })
    expect(messages).toContain(`The definition ${broken} has`)
    expect(messages).toContain('These cycles have one name: presence')
  })

  it('refuses a retention without an archive, as the apps do', async () => {
    const retention = ['kafka', 'topics', '--dry-run', '--activity-retention', '90d']
    expect(await rondo(...retention)).toMatchObject({ code: 2, output: '', messages: expect.stringContaining('without an archive is refused') })
    expect(await rondo(...retention, '--archive', folder.path)).toMatchObject({ code: 0, output: expect.stringContaining('retention.ms=7776000000') })
  })

  it('says that the values of the apps are given as options', async () => {
    expect((await rondo('kafka', '--help')).output).toContain('These variables are not read here')
  })
})
