import type { Reload, ReloadRefused } from '#contracts'
import { type KafkaSettings, openKafkaAdminLog } from '#event-log'

/** Records a reload for an app that has no other part in administrative acts: the log of acts is opened for this act alone. */
export function recordReload(settings: KafkaSettings): (act: Reload | ReloadRefused) => Promise<void> {
  return async (act) => {
    const log = await openKafkaAdminLog(settings)
    try {
      await log.append(act)
    } finally {
      await log.close()
    }
  }
}
