import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { brokerFaults } from './broker-faults.ts'
import { checkpointFaults } from './checkpoint-faults.ts'
import { ingestFaults } from './ingest-faults.ts'
import { logFaults } from './log-faults.ts'
import { operatorFaults } from './operator-faults.ts'
import { processorFaults } from './processor-faults.ts'
import { redisFaults } from './redis-faults.ts'
import { stallFaults } from './stall-faults.ts'

it('the page on reliability has a row for each fault, by its name', () => {
  const page = readFileSync('docs/reliability.md', 'utf8')
  const table = page.slice(page.indexOf('## The faults'), page.indexOf('## Shown elsewhere'))
  const rows = [...table.matchAll(/^\| ([A-Z][^|]*) \|/gm)].map(([, name = '']) => name.toLowerCase())
  const faults = [processorFaults, ingestFaults, brokerFaults, logFaults, checkpointFaults, redisFaults, operatorFaults, stallFaults].flat()
  // The two ways to lose a position share a row.
  const names = faults.map(({ name }) => name.toLowerCase()).filter((name) => !name.startsWith('the position of the group'))
  expect(rows.filter((row) => !row.startsWith('the position of the group')).sort()).toEqual(names.sort())
})
