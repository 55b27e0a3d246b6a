import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { writeArchive } from '#archive'
import type { CycleDefinition } from '#contracts'
import { compileCycle, readDefinition } from '#cycle'
import { FolderHistory, trimLog } from '#event-log'
import { openCycleFolder } from '#projections'
import { temporaryFolder } from '#runtime'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { expectedRelations } from './expected-relations.ts'
import { FollowedFolder } from './followed-folder.ts'
import { LongLog } from './long-log.ts'

const pulse = readDefinition(PULSE, 'pulse.yaml').definition as CycleDefinition

it('a history is made from the archive and the log where the log was trimmed, and says what is missing without the archive', async () => {
  using home = temporaryFolder()
  const [path, archive] = [join(home.path, 'data'), join(home.path, 'archive')]
  const log = new LongLog(5, 100).next(2000)
  const followed = await FollowedFolder.open(pulse, path)
  await followed.append(log, [20])
  await followed.fold()
  await followed.follow()
  const whole = await followed.relations()
  await followed.close()

  const folder = openCycleFolder(path, compileCycle(pulse))
  const stored = new FolderHistory(path)
  await writeArchive({ archive, log: stored })
  const { begin, end } = await stored.bounds(0)
  await trimLog(folder.writer, { partition: 0, begin, below: Math.ceil(0.7 * end), archive })
  stored.close()
  await folder.close()

  const again = await FollowedFolder.open(pulse, path)
  await again.follow({ rowsMax: 100 })
  expect(await again.relations()).toEqual(whole)
  expect(await again.relations()).toEqual(expectedRelations(pulse, log, await again.feed()))
  await again.close()

  const elsewhere = await FollowedFolder.open(pulse, path, undefined, join(home.path, 'nothing'))
  await expect(elsewhere.follow()).rejects.toMatchObject({ code: 'RONDO_LOG_INCOMPLETE', message: expect.stringContaining('RONDO_ARCHIVE') })
  await elsewhere.close()
})
