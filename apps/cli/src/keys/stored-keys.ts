import { AdminActs, type AdminLog, type CreatedKey, describeKey, Keys, overlapMsOf } from '#access'
import { type KafkaSettings, openFolderActs, openKafkaAdminLog } from '#event-log'
import type { Clock } from '#runtime'
import { type KeyAdministration, keySchema, type ShownKey, type ShownNewKey } from './key-administration.ts'

/** The author of acts that are written into the stored log, without a server that checks a key. */
const AUTHOR = 'offline'

/**
 * Administers the keys in the folder of a stopped Rondo. The folder is locked until this is closed, and created if it is missing.
 * @throws RondoError RONDO_DATA_LOCKED if a Rondo runs on the folder; other RONDO_DATA_* if the folder cannot be used
 */
export const folderKeys = (path: string, clock: Clock): Promise<KeyAdministration> => storedKeys(openFolderActs(path), clock)

/**
 * Administers the keys of a Rondo on Kafka; processes that run read the acts within two seconds.
 * @throws RondoError RONDO_LOG_UNAVAILABLE, RONDO_LOG_MISMATCH
 */
export const kafkaKeys = async (settings: KafkaSettings, clock: Clock): Promise<KeyAdministration> => storedKeys(await openKafkaAdminLog(settings), clock)

async function storedKeys(log: AdminLog, clock: Clock): Promise<KeyAdministration> {
  const keys = new Keys({ acts: new AdminActs(log), clock })
  const shown = (id: string): ShownKey => {
    const held = keys.list().find(({ key }) => key.id === id)
    return keySchema.parse(held === undefined ? {} : describeKey(held, clock.now()))
  }
  const shownNew = ({ key, text }: CreatedKey): ShownNewKey => ({ text, key: shown(key.id) })
  await keys.refresh().catch(async (failure) => {
    await log.close()
    throw failure
  })
  return {
    create: async (request) => shownNew(await keys.create(request, AUTHOR)),
    list: async () => keys.list().map(({ key }) => shown(key.id)),
    rotate: async (id, overlap) => shownNew(await keys.rotate(id, AUTHOR, overlapMsOf(overlap))),
    revoke: async (id) => shown((await keys.revoke(id, AUTHOR)).key.id),
    close: () => log.close(),
  }
}
