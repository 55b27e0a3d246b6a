import { describe, expect, it } from '@jest/globals'
import { suspiciousId } from './suspicious-id.ts'

describe('an actor id', () => {
  it.each([
    ['null', 'null'],
    ['NULL', 'null'],
    ['undefined', 'undefined'],
    ['NaN', 'nan'],
    ['   ', 'blank'],
    ['\t\u00a0', 'blank'],
    ['\u3000', 'blank'],
    ['0', '0'],
    ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
    ['FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    ['[object Object]', '[object object]'],
    ['Anonymous', 'anonymous'],
    ['{{userId}}', 'template'],
    [['$', '{user.id}'].join(''), 'template'],
  ])('%j is suspicious under the name %s', (id, name) => expect(suspiciousId(id)).toBe(name))

  it.each(['1', '00', 'nullable', 'u-null', '00000000-0000-0000-0000-000000000001', ' a', 'é', 'anonymous-17', 'constructor', '{', '-2'])(
    '%j is somebody’s',
    (id) => expect(suspiciousId(id)).toBeUndefined(),
  )
})
