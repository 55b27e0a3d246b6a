import com.fasterxml.jackson.databind.MappingIterator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Here, away, back: away after more than 30 days of silence. Time comes from the ticks in the log, as it does for Rondo, so that neither
 * the wall clock nor Kafka's stream time decides who is absent.
 *
 * <p>The deadlines are an index in a second store, (deadline, actor), of which a tick scans what is due. An actor has one entry, which
 * is moved only when it comes up and the actor has been seen since: an event costs one read and one write, not four.
 */
final class PresenceProcessor implements Processor<byte[], byte[], String, byte[]> {
  static final String ACTORS = "actors";
  static final String DEADLINES = "deadlines";
  private static final long ABSENCE_MS = 30L * 86_400_000;
  private static final byte[] NOTHING = new byte[0];
  private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private ProcessorContext<String, byte[]> context;
  private KeyValueStore<String, ActorState> actors;
  private KeyValueStore<Bytes, byte[]> deadlines;
  /** Below it nothing is left in the index; a scan from 0 would pass over the tombstones of all that has ever been due. */
  private long scanned = 0;
  private long now = 0;
  private long recordTime = 0;

  @Override
  public void init(ProcessorContext<String, byte[]> context) {
    this.context = context;
    actors = context.getStateStore(ACTORS);
    deadlines = context.getStateStore(DEADLINES);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    recordTime = record.timestamp();
    try (MappingIterator<Line> lines = Line.all(record.value())) {
      while (lines.hasNextValue()) {
        Line line = lines.nextValue();
        if (line.actor() != null) see(line);
        else if (line.isTick()) advance(Instant.parse(line.time()).toEpochMilli());
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void see(Line event) {
    String actor = event.actor().id();
    long time = Instant.parse(event.time()).toEpochMilli();
    ActorState state = actors.get(actor);
    if (state == null) {
      actors.put(actor, enter(event.actor(), new ActorState((byte) 0, 0, time, time), ActorState.CONNECTION, time, event));
      deadlines.put(keyOf(time + ABSENCE_MS, actor), NOTHING);
      return;
    }
    if (!state.isAway() && time > state.last() + ABSENCE_MS) state = leave(event.actor(), state);
    if (state.isAway()) {
      state = enter(event.actor(), state, ActorState.RE_ENGAGEMENT, time, event);
      deadlines.put(keyOf(time + ABSENCE_MS, actor), NOTHING);
    }
    actors.put(actor, state.seenAt(time));
  }

  private void advance(long tick) {
    now = tick;
    try (KeyValueIterator<Bytes, byte[]> due = deadlines.range(keyOf(scanned, ""), keyOf(now, ""))) {
      while (due.hasNext()) {
        KeyValue<Bytes, byte[]> entry = due.next();
        deadlines.delete(entry.key);
        String actor = new String(entry.key.get(), 8, entry.key.get().length - 8, StandardCharsets.UTF_8);
        ActorState state = actors.get(actor);
        if (state.isAway()) continue;
        long deadline = state.last() + ABSENCE_MS;
        if (deadline >= now) deadlines.put(keyOf(deadline, actor), NOTHING);
        else actors.put(actor, leave(new Line.Actor("user", actor), state));
      }
    }
    scanned = now;
  }

  private ActorState leave(Line.Actor actor, ActorState state) {
    return enter(actor, state, ActorState.DISENGAGEMENT, state.last() + ABSENCE_MS, null);
  }

  /** @param event null where time alone moves the actor */
  private ActorState enter(Line.Actor actor, ActorState state, byte stage, long at, Line event) {
    int seq = state.seq() + 1;
    String instant = ISO.format(Instant.ofEpochMilli(at));
    boolean isAbsence = event == null;
    Transition.Evidence evidence = new Transition.Evidence(
        Map.of(), isAbsence ? null : event.id(), Map.of(), isAbsence ? instant : null,
        isAbsence ? ISO.format(Instant.ofEpochMilli(state.last())) : null);
    boolean isNew = state.stage() == 0;
    Transition transition = new Transition(
        actor.id().substring(0, 18) + seq, seq, "presence", 1, 1, actor, isAbsence ? "disengage" : isNew ? "advance" : "return",
        ActorState.nameOf(state.stage()), ActorState.nameOf(stage), isAbsence ? "went-away" : isNew ? "first-seen" : "came-back",
        isAbsence ? "absence" : "visit", instant, ISO.format(Instant.ofEpochMilli(Math.max(now, 0))), isNew ? null : at - state.since(), evidence,
        "live");
    context.forward(new Record<>(actor.id(), transition.bytes(), recordTime));
    return new ActorState(stage, seq, at, state.last());
  }

  /** Sorts by deadline, then by actor. */
  private static Bytes keyOf(long deadline, String actor) {
    byte[] id = actor.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(ByteBuffer.allocate(8 + id.length).putLong(deadline).put(id).array());
  }
}
