import { describe, expect, it } from '@jest/globals'
import { readModels } from '../models/projection.ts'
import { generationName } from './generation-name.ts'

const parts = ['0a1b', 'rondo.live', 6, 'main']
const name = 'flows'

describe('the name of a generation in Redis', () => {
  it('is for the models of today the one that stores in use have', () => {
    expect(generationName(parts)).toBe('0a1b-rondo_live-6-main')
  })

  it('is another one where a model, the histories or the list has changed', () => {
    const raised = readModels.map((model) => (model.name === name ? { ...model, version: 2 } : model))
    const names = [
      generationName(parts),
      generationName(parts, raised),
      generationName(parts, readModels, 2),
      generationName(parts, [...readModels, { name: 'output-kinds', version: 1 }]),
      generationName(parts, readModels.slice(1)),
    ]
    expect(new Set(names).size).toBe(names.length)
    for (const each of names) expect(each).toMatch(/^[\w-]+$/)
  })
})
