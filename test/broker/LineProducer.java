import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A producer that is not of Rondo's kind: sends each line of its input to each topic, packed by Java's own codec of that topic. */
public final class LineProducer {
  /** The broker, then pairs of a topic and a codec. */
  public static void main(String[] args) throws Exception {
    List<String> lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8")).lines().toList();
    for (int at = 1; at + 1 < args.length; at += 2) {
      Properties settings = new Properties();
      settings.put("bootstrap.servers", args[0]);
      settings.put("compression.type", args[at + 1]);
      settings.put("linger.ms", "50");
      settings.put("key.serializer", StringSerializer.class.getName());
      settings.put("value.serializer", StringSerializer.class.getName());
      try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
        for (String line : lines) producer.send(new ProducerRecord<>(args[at], line));
      }
    }
  }
}
