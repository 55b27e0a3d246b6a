import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;

/** A line of the input, as far as this application needs it: an event has an actor, a tick has not. */
@JsonIgnoreProperties(ignoreUnknown = true)
record Line(String record, String id, String event, Actor actor, String time) {
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Actor(String type, String id) {}

  private static final ObjectReader READER =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false).readerFor(Line.class);

  /** Of one line or many: JSON texts with white space between them. */
  static MappingIterator<Line> all(byte[] bytes) throws IOException {
    return READER.readValues(bytes);
  }

  boolean isTick() {
    return "tick".equals(record);
  }
}
