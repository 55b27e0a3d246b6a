import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { root } from './root.ts'
import { securedSpecs, specsOfBothKinds } from './secured-specs.ts'

const specs = specsOfBothKinds()

describe('the specs on servers with TLS, logins and rights', () => {
  it('are a third by each seed, and all of them by three seeds that follow each other', () => {
    const thirds = [1_796_000_000, 1_796_000_001, 1_796_000_002].map((seed) => securedSpecs(specs, { seed, form: undefined }))
    expect(thirds.flat().sort()).toEqual(specs)
    for (const third of thirds) expect(third.length).toBeGreaterThanOrEqual(Math.floor(specs.length / 3))
  })

  it('are all or none where the variable says so', () => {
    expect([securedSpecs(specs, { seed: 1, form: '1' }), securedSpecs(specs, { seed: 1, form: '0' })]).toEqual([specs, []])
  })

  it('leave out those that have such servers in any case', () => {
    expect(specs).toContain('test/cluster/two-cycles.kafka.spec.ts')
    expect(specs.filter((file) => /(secured|validate)\./.test(file))).toEqual([])
    expect(specs.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})
