import type { TopicDeclaration } from '#event-log'

/** Each topic with its settings, a line a setting. */
export function topicTable(topics: readonly TopicDeclaration[]): string {
  return topics.map(topicText).join('')
}

function topicText({ name, partitions, replication, config, tunable = [] }: TopicDeclaration): string {
  const settings = Object.entries(config).map(([setting, value]) => `  ${setting}=${value}${tunable.includes(setting) ? '  (may be changed)' : ''}\n`)
  return `${name}\n  partitions ${partitions}, replication ${replication}\n${settings.join('')}`
}

/** The commands of Kafka's tool that create the topics. */
export function topicCommands(topics: readonly TopicDeclaration[], brokers: string): string {
  return topics
    .map(({ name, partitions, replication, config }) => {
      const settings = Object.entries(config).map(([setting, value]) => ` --config ${setting}=${value}`)
      return `kafka-topics.sh --bootstrap-server ${brokers} --create --if-not-exists --topic ${name} --partitions ${partitions} --replication-factor ${replication}${settings.join('')}\n`
    })
    .join('')
}
