import type { KafkaSecurity } from '#event-log'
import { readKafkaSecurity } from '#process'
import { environmentVariable } from '#runtime'

/**
 * TLS and the login of commands with --brokers: from the environment and from files, as for the apps, since other users of a machine see the arguments.
 * @throws RondoError RONDO_ARGUMENT_INVALID, RONDO_SECRET_UNREADABLE
 */
export const brokerSecurity = (): KafkaSecurity | undefined => readKafkaSecurity(environmentVariable)
