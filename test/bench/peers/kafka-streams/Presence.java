import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.Stores;

/**
 * The cycle of presence-30d as a Kafka Streams application: `java Presence BROKER APPLICATION INPUT OUTPUT STATE_FOLDER`. A record of
 * the input is an event, a tick, or a frame of such lines; the topology does not care which.
 *
 * <p>The stores have no cache: of a hundred thousand actors who come in no order, hardly any comes twice within a commit interval, and
 * a cache made it slower.
 */
public final class Presence {
  public static void main(String[] args) throws Exception {
    String output = args[3];
    Topology topology = new Topology()
        .addSource("activity", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), args[2])
        .addProcessor("presence", PresenceProcessor::new, "activity")
        .addStateStore(
            Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(PresenceProcessor.ACTORS), Serdes.String(), new ActorState.StateSerde()),
            "presence")
        .addStateStore(
            Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(PresenceProcessor.DEADLINES), Serdes.Bytes(), Serdes.ByteArray()),
            "presence")
        .addSink("transitions", output, Serdes.String().serializer(), Serdes.ByteArray().serializer(), "presence");
    KafkaStreams streams = new KafkaStreams(topology, settings(args[0], args[1], Files.createDirectories(Path.of(args[4]))));
    streams.setUncaughtExceptionHandler(failure -> {
      failure.printStackTrace();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      streams.close();
      ended.countDown();
    }));
    streams.start();
    ended.await();
  }

  /** Whatever is not here is as Kafka Streams has it. */
  private static Properties settings(String broker, String application, Path folder) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    // 16 KB, Kafka's own choice, is a request for every few hundred events.
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
    return settings;
  }
}
