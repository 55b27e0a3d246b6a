import { formatInstant, type QuarantineRecord, RondoError, senderTypeOf } from '#contracts'
import { addressesOf, compileCycle } from '#cycle'
import { type KafkaSettings, LogHistory, openKafkaLog } from '#event-log'
import { type Clock, randomId } from '#runtime'
import { brokerSecurity } from '../broker-login.ts'
import type { Part } from './history.ts'
import type { CycleDefinitions } from './import-plan.ts'
import type { ImportTarget } from './import-target.ts'

/**
 * The topics of a Rondo on Kafka; missing ones are created. They must be empty.
 * @throws RondoError RONDO_LOG_UNAVAILABLE, RONDO_LOG_MISMATCH
 */
export async function brokersTarget(brokers: KafkaSettings, definitions: CycleDefinitions, clock: Clock): Promise<ImportTarget> {
  const settings = { ...brokers, security: brokerSecurity() }
  const log = await openKafkaLog(settings)
  const [writer, refusals, positions] = [log.writer(), log.refusalWriter(), log.groupPositions()]
  const cycles = definitions.map(compileCycle)
  const history = new LogHistory({ writer, refusals, clock, addresses: addressesOf(cycles) })
  return {
    name: `Kafka at ${settings.brokers.join(',')}`,
    endsWhenIdle: false,
    canResume: false,
    actorType: senderTypeOf(definitions[0]),
    cycles,
    async begin({ source, shiftMs }) {
      if (!(await positions.isEmpty())) throw notEmpty(settings)
      await history.begin()
      return { id: randomId(), source, rows: 0, shiftMs, open: true }
    },
    async put(_, { items }: Part) {
      const refusedAt = formatInstant(clock.now())
      const quarantine: QuarantineRecord[] = items.flatMap((item) => ('refused' in item ? [{ ...item.refused, refusedAt }] : []))
      await history.put(
        items.flatMap((item) => ('event' in item ? [item.event] : [])),
        quarantine,
      )
      // Topics refuse no item: every row was checked when it was read.
      return []
    },
    end: () => history.end(),
    // No processor folds these topics before the import is done.
    foldedAt: async () => undefined,
    async close() {
      await Promise.all([writer.close(), refusals.close(), positions.close()])
    },
  }
}

function notEmpty({ prefix = '' }: KafkaSettings): RondoError {
  return new RondoError(
    'RONDO_LOG_NOT_EMPTY',
    `The topic ${prefix}activity holds records already: import history before going live. Import into topics of another --prefix, and start the apps with it.`,
  )
}
