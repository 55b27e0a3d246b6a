import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { AdminRecord } from '#contracts'
import type { AdminLog } from '../../../access/src/admin-log.ts'

/** Administrative acts of one store, which is empty when it is made. */
interface AdminLogFixture {
  /** The acts as another process sees them, or this process after a restart. */
  open(): Promise<AdminLog>
  dispose(): Promise<void>
}

const ended = (id: string): AdminRecord => ({ kind: 'key-ended', at: '2026-01-01T00:00:00.000Z', by: 'command', id, endsAt: '2026-01-02T00:00:00.000Z' })
const idOf = (number: number): string => number.toString(16).padStart(12, '0')

/** The tests of {@link AdminLog}, for any store. */
export function adminLogConformance(name: string, make: () => Promise<AdminLogFixture>): void {
  describe(`administrative acts ${name}`, () => {
    let fixture: AdminLogFixture
    beforeEach(async () => {
      fixture = await make()
    })
    afterEach(() => fixture.dispose())

    it('are an empty list at first', async () => {
      const log = await fixture.open()
      expect(await log.read()).toEqual([])
      await log.close()
    })

    it('are read once each, in their order, with their authors', async () => {
      const log = await fixture.open()
      await log.append(ended(idOf(1)))
      expect(await log.read()).toEqual([ended(idOf(1))])
      for (const number of [2, 3, 4]) await log.append(ended(idOf(number)))
      expect(await log.read()).toEqual([2, 3, 4].map((number) => ended(idOf(number))))
      expect(await log.read()).toEqual([])
      await log.close()
    })

    it('are complete after a restart, also many that were appended at the same time', async () => {
      const log = await fixture.open()
      const all = Array.from({ length: 300 }, (_, number) => ended(idOf(number)))
      await Promise.all(all.map((act) => log.append(act)))
      await log.close()
      const again = await fixture.open()
      const read = await again.read()
      expect(read.toSorted((a, b) => ('id' in a && 'id' in b ? a.id.localeCompare(b.id) : 0))).toEqual(all)
      await again.close()
    })
  })
}
