import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** What is remembered of an actor: stage, since when, when last seen (milliseconds), and the number of the last transition. */
record ActorState(byte stage, int seq, long since, long last) {
  static final byte CONNECTION = 1;
  static final byte DISENGAGEMENT = 2;
  static final byte RE_ENGAGEMENT = 3;
  private static final String[] NAMES = {"start", "connection", "disengagement", "re-engagement"};

  static String nameOf(int stage) {
    return NAMES[stage];
  }

  boolean isAway() {
    return stage == DISENGAGEMENT;
  }

  ActorState seenAt(long time) {
    return new ActorState(stage, seq, since, time);
  }

  /** Packed by hand, 21 bytes, since JSON or Java's own serialisation would cost more than the rest. */
  static final class StateSerde implements Serde<ActorState> {
    @Override
    public Serializer<ActorState> serializer() {
      return (topic, state) ->
          state == null ? null : ByteBuffer.allocate(21).put(state.stage).putInt(state.seq).putLong(state.since).putLong(state.last).array();
    }

    @Override
    public Deserializer<ActorState> deserializer() {
      return (topic, bytes) -> {
        if (bytes == null) return null;
        ByteBuffer from = ByteBuffer.wrap(bytes);
        return new ActorState(from.get(), from.getInt(), from.getLong(), from.getLong());
      };
    }
  }
}
