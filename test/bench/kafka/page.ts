import { join } from 'node:path'

/** The page of the figures. */
export const pageFile = join(import.meta.dirname, '../../../docs/reference/benchmarks-kafka.md')

/** The text above the table, which explains the comparison. */
export const howItIsMeasured = `Measured by \`npm run bench:kafka -- --write\`: one broker (Apache Kafka 4.3.1, KRaft, 1 GiB of heap, otherwise as [server-properties.ts](../../scripts/local/server-properties.ts)
has it), which all cases use in turn, on the same two cores. Sources: [test/bench/kafka](../../test/bench/kafka), [test/bench/peers](../../test/bench/peers).

**The job.** presence-30d: an actor is here, is away after more than 30 days of silence, and comes back. There are 100,000 actors with UUIDs as ids. First each has one event;
then they have events at random, independently of each other, with gaps such that 2 of 100 events, or 25, lead to a transition, from the beginning to the end. An event is
JSON of about 290 bytes. The log carries the time: a tick follows each 100 events. Before the measurement, Rondo and Kafka Streams process a short log with each of the two
shares; the run ends if their transitions are not the same (actor, number, kind, from, to, rule, time).

**The measure** is the same for all: the offsets that the consumer group has committed, read from the broker every 20 ms by another process. The time begins with the first
commit after the warm-up and ends with the last one. The warm-up is 400,000 events for Rondo and Kafka Streams (among them the first event of each actor, so that states exist
and code is compiled), and 8,000 for the handler, which has 2,000 actors. The cases take turns in three rounds; a ratio compares two turns of one round. Processor time is
what the kernel counted for the process in this time; it says more than the rates if the machine had other work.

| | Rondo | Kafka Streams | handler |
|---|---|---|---|
| what | openKafkaLog and runPartition as apps/processor calls them, one process | 4.3.1, Processor API, Java 17, \`-Xmx1g\` | @nestjs/microservices, kafkajs, ioredis 6, redis-server without persistence |
| guarantee | exactly once | \`exactly_once_v2\`, \`commit.interval.ms\` 100 | at least once, kafkajs' automatic commits at the end of a batch; and, as a row of its own, a commit after each message |
| state | in memory, checkpoints in Kafka | RocksDB with changelog, no cache (faster here), packed by hand | JSON in Redis: GET, SET, ZADD one after the other |
| absence | deadlines in memory | index (deadline, actor) in a second store, scanned at each tick, moved only when it comes up | sorted set, looked at at each tick |
| threads | one, and kafkajs | \`num.stream.threads\` 1, producer's \`batch.size\` 256 KiB, all else as it comes | one message at a time |
| input | frames of 100 | the same frames; and, in the first round, one event a record, keyed by actor | one event a record |
| more than the job | drops copies by id, quarantines, 22 characters of hash as id | | |

**Why the peers differ from earlier figures** (70,000 events/s for Kafka Streams, warm, with 25 % outputs; 1,900/s for the handler): Kafka Streams has one thread here, and is
limited by its processor time for an event. Samples of its stack were mostly in RocksDB, in the commit, and in the producer of the changelog. The second store and the scan at
each tick are needed to notice an absence. The handler waits for Redis three times for each event, which is fast on the same machine. A commit of the offset after each message
slows it most; it comes closest to the guarantees of the others, so it has a row of its own. ioredis slows down the thread that loads it
([decision 0006](../decisions/0006-ioredis-is-loaded-late.md)); the handler cannot do without it, so this is part of its figures.

**Latency**: from the call that writes the event (a frame every 5 ms) until a reader of committed records has its transition. The reader runs in the process that writes, so there
is one clock. It is measured for 12 s, after 6 s of warm-up. **Restart**: a processor with a million actors has ended in order and is started again; it folds the log after the
oldest checkpoint again. **Broker writes**: by how many bytes the logs on the broker's disk grew, without the input, divided by all events of the turn, with the first event of each
actor.`
