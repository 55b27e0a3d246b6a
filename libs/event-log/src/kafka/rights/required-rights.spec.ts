import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { RequiredRight } from '../allowed/right.ts'
import { namesOfCycles } from '../client/cycle-settings.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { type RightHolder, requiredRights, rightHolders } from './required-rights.ts'

const one: KafkaSettings = { brokers: [], group: 'rondo', partitions: 6, replication: 3, identity: { cycle: 'listener' } }
const several: KafkaSettings = { ...one, ...namesOfCycles([{ cycle: 'listener' }, { cycle: 'musician' }]) }
const COMPARED = ['Describe', 'DescribeConfigs']
const guide = readFileSync(join(import.meta.dirname, '../../../../../docs/guides/secure-clusters.md'), 'utf8')

/** The table of rights in the guide: the first cell of each row, with the cells of the holders. */
const [heads = [], ...rows] = (guide.slice(guide.indexOf('| | ingest ')).split('\n\n')[0] ?? '')
  .split('\n')
  .filter((line) => !line.startsWith('|---'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
const operationsIn = (cell: string): string[] => (cell.match(/\b(Read|Write|Delete|Describe|DescribeConfigs)\b/g) ?? []).sort()

/** The rights that a row of the table is about. */
function isOfRow(row: string): (right: RequiredRight) => boolean {
  if (row.startsWith('consumer group')) return ({ resource, isPrefix }) => resource === 'Group' && !isPrefix
  if (row.startsWith('groups `rondo.source.*`')) return ({ resource, isPrefix, name }) => (resource === 'Group' && isPrefix) || name === 'orders'
  if (row.startsWith('transactional ids')) return ({ resource }) => resource === 'TransactionalId'
  const names = row.split(', ')
  return ({ resource, name }) => resource === 'Topic' && names.includes(name)
}

describe('the rights in Kafka', () => {
  it.each(rows.filter(([row]) => row !== 'all topics').map((cells) => [cells[0] ?? '', cells.slice(1)] as const))(
    'on %s are in the guide as in the code',
    (row, cells) => {
      const inCode = rightHolders.map((holder) => {
        const rights = requiredRights(holder, one, ['orders']).filter(isOfRow(row))
        return [
          ...new Set(rights.flatMap(({ operations }) => operations.filter((operation) => row.startsWith('consumer group') || !COMPARED.includes(operation)))),
        ].sort()
      })
      expect(cells.map(operationsIn)).toEqual(inCode)
    },
  )

  it('are in the guide for each holder, and each topic with records has a row', () => {
    expect(heads.slice(1)).toEqual([...rightHolders])
    const topics = rightHolders.flatMap((holder) => requiredRights(holder, one).filter(({ resource }) => resource === 'Topic'))
    expect(new Set(topics.map(({ name }) => name))).toEqual(new Set(rows.slice(1, 8).flatMap(([row = '']) => row.split(', '))))
    for (const { operations } of topics) expect(operations).toEqual(expect.arrayContaining(COMPARED))
  })

  it('of the commands let them trim the log, see its status and read the checkpoints of each cycle', () => {
    const of = (holder: RightHolder, name: string) => requiredRights(holder, several).find((right) => right.name === name)?.operations
    expect(of('commands', 'activity')).toContain('Delete')
    for (const holder of rightHolders.filter((each) => each !== 'commands')) expect(of(holder, 'activity')).not.toContain('Delete')
    for (const topic of ['checkpoints', 'checkpoints.musician']) expect(of('commands', topic)).toContain('Read')
    for (const group of ['rondo', 'rondo.musician']) expect(of('commands', group)).toEqual(['Describe'])
  })
})
