import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.util.Map;

/** An output, with the fields that Rondo's outputs have. */
record Transition(
    String id, int seq, String cycle, int version, int generation, Line.Actor actor, String kind, String from, String to, String rule,
    String cause, String at, String noticedAt, Long dwellMs, Evidence evidence, String origin) {
  record Evidence(
      Map<String, Object> measures, String event, Map<String, Object> recent, String deadline,
      @JsonInclude(JsonInclude.Include.NON_NULL) String silentSince) {}

  private static final ObjectWriter WRITER = new ObjectMapper().writerFor(Transition.class);

  byte[] bytes() {
    try {
      return WRITER.writeValueAsBytes(this);
    } catch (JsonProcessingException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
