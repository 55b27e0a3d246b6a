import { join } from 'node:path'

/** The page of the figures. */
export const pageFile = join(import.meta.dirname, '../../../docs/reference/benchmarks-kafka.md')

/** The text above the table, which explains the comparison. */
export const howItIsMeasured = `Measured by \`npm run bench:kafka -- --write\`: one broker (Apache Kafka 4.3.1, KRaft, 1 GiB of heap, otherwise as [server-properties.ts](../../scripts/local/server-properties.ts)
has it), on which all take their turns, on the same two cores. Sources: [test/bench/kafka](../../test/bench/kafka), [test/bench/peers](../../test/bench/peers).

**The job.** presence-30d: here, away after more than 30 days of silence, back. 100,000 actors with UUIDs come independently of each other; first each once, then by
chance, with gaps such that 2 or 25 of 100 events lead to a transition from the first to the last. An event is JSON of about 290 bytes. Time comes through the
log: a tick after each 100 events. Before the clock is started Rondo and Kafka Streams work off a short log at both shares, and the run is given up unless their
transitions are the same (actor, number, kind, from, to, rule, time).

**The clock** is the broker's: what the consumer group has committed, polled from outside every 20 ms, the same for all. It starts at the first commit after the
warm-up and stops at the last. Warm-up: 400,000 events for Rondo and Kafka Streams (each actor's first among them, so that states exist and code is compiled), 8,000
for the handler, whose 2,000 actors have come by then. Contestants alternate, three rounds; a ratio is of two turns of one round. Processor time is what the
kernel counted for the process while the clock ran, and says more than the rates where the machine had other work.

| | Rondo | Kafka Streams | handler |
|---|---|---|---|
| what | openKafkaLog and runPartition as apps/processor calls them, one process | 4.3.1, Processor API, Java 17, \`-Xmx1g\` | @nestjs/microservices, kafkajs, ioredis 6, redis-server without persistence |
| guarantee | exactly once | \`exactly_once_v2\`, \`commit.interval.ms\` 100 | at least once, kafkajs' automatic commits at the end of a batch; and, as a row of its own, a commit after each message |
| state | in memory, checkpoints in Kafka | RocksDB with changelog, no cache (faster here), packed by hand | JSON in Redis: GET, SET, ZADD one after the other |
| absence | deadlines in memory | index (deadline, actor) in a second store, scanned at each tick, moved only when it comes up | sorted set, looked at at each tick |
| threads | one, and kafkajs | \`num.stream.threads\` 1, producer's \`batch.size\` 256 KiB, all else as it comes | one message at a time |
| input | frames of 100 | the same frames; and, in the first round, one event a record, keyed by actor | one event a record |
| more than the job | drops copies by id, quarantines, 22 characters of hash as id | | |

**Where the peers differ from earlier figures** (70,000/s for Kafka Streams, warm, at 25 %; 1,900/s for the handler): the processor time that Kafka Streams takes for an
event bounds its one thread. Stacks sampled from it stood mostly in RocksDB, in the commit and in the producer of the changelog; the second store and the scan at each
tick are what noticing an absence costs. The handler awaits Redis three times an event, and that is fast on the same machine; a commit of the offset after each message, which is
closest to what the others promise, slows it most, so it has a row of its own.
That ioredis slows a thread down ([decision 0006](../decisions/0006-ioredis-is-loaded-late.md)) is part of what it is.

**Latency**: from the call that writes the event (frames every 5 ms) to the moment when a reader of committed records, in the
process that wrote, has its transition; one clock, after 6 s of warm-up, over 12 s. **Restart**: a processor that ended in order is started again on a million actors; the log behind the oldest checkpoint is folded
again. **Broker writes** are bytes that the logs on its disk grew by, input not counted, over all events of the turn, the actors' first included.`
