import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The recom job as a Kafka Streams application, at least once: six regular expressions into headers, dc and path, the
 * client's time checked against the server's, twelve topics by userId modulo 12.
 *
 * <p>Arguments: brokers, application id, input topic, prefix of the twelve topics, dead-letter topic, threads,
 * compression, state directory. Runs until SIGTERM.
 */
public final class Recom {
  private static final long DAY = 86_400_000L;
  private static final long AHEAD = 300_000L;
  private static final int BUCKETS = 12;
  private static final String[] NAMES = {"timestamp", "customName", "sceneId", "serviceName", "logType", "itemSetId"};
  private static final Pattern[] PATTERNS = {
    Pattern.compile("\"actionTime\":(\\d+)"),
    Pattern.compile("\"businessId\":\"(.+?)\""),
    Pattern.compile("\"sceneId\":\"(.+?)\""),
    Pattern.compile("\"serviceName\":\"(.+?)\""),
    Pattern.compile("\"logType\":\"(.+?)\""),
    Pattern.compile("\"itemSetId\":\"(.+?)\""),
  };
  private static final Pattern USER = Pattern.compile("\"userId\":\"?(-?\\d+)");
  private static final byte[] DC = "hz1".getBytes(StandardCharsets.ISO_8859_1);

  public static void main(String[] args) throws Exception {
    String topics = args[3];
    Topology topology = new Topology();
    topology.addSource("in", new ByteArrayDeserializer(), new ByteArrayDeserializer(), args[2]);
    topology.addProcessor("job", Job::new, "in");
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      topology.addSink(
          sink(bucket), topics + String.format("%02d", bucket), new ByteArraySerializer(), new ByteArraySerializer(), "job");
    }
    topology.addSink("dead", args[4], new ByteArraySerializer(), new ByteArraySerializer(), "job");

    Properties properties = new Properties();
    properties.putAll(Map.of(
        StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0],
        StreamsConfig.APPLICATION_ID_CONFIG, args[1],
        StreamsConfig.NUM_STREAM_THREADS_CONFIG, args[5],
        StreamsConfig.STATE_DIR_CONFIG, args[7],
        StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE,
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "1000"));
    properties.put(StreamsConfig.producerPrefix("acks"), "all");
    properties.put(StreamsConfig.producerPrefix("linger.ms"), "5");
    properties.put(StreamsConfig.producerPrefix("batch.size"), "1000000");
    properties.put(StreamsConfig.producerPrefix("buffer.memory"), Integer.toString(64 << 20));
    properties.put(StreamsConfig.producerPrefix("compression.type"), args[6]);
    properties.put(StreamsConfig.consumerPrefix("max.partition.fetch.bytes"), Integer.toString(4 << 20));
    properties.put(StreamsConfig.consumerPrefix("max.poll.records"), "5000");

    KafkaStreams streams = new KafkaStreams(topology, properties);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    CountDownLatch ended = new CountDownLatch(1);
    streams.setStateListener((now, before) -> {
      if (now == KafkaStreams.State.ERROR) Runtime.getRuntime().halt(1);
      if (now == KafkaStreams.State.NOT_RUNNING) ended.countDown();
    });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
    ended.await();
  }

  private static String sink(int bucket) {
    return "bucket-" + bucket;
  }

  private static final class Job implements Processor<byte[], byte[], byte[], byte[]> {
    private final String[] sinks = new String[BUCKETS];
    private final String[] found = new String[NAMES.length];
    private final Matcher[] matchers = new Matcher[NAMES.length];
    private final Matcher user = USER.matcher("");
    private ProcessorContext<byte[], byte[]> context;

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      for (int bucket = 0; bucket < BUCKETS; bucket++) sinks[bucket] = sink(bucket);
      for (int field = 0; field < NAMES.length; field++) matchers[field] = PATTERNS[field].matcher("");
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      // One byte, one char: the cheapest text that a JVM has, and lossless.
      String value = record.value() == null ? "" : new String(record.value(), StandardCharsets.ISO_8859_1);
      if (!user.reset(value).find()) {
        context.forward(record, "dead");
        return;
      }
      long id = Long.parseLong(user.group(1));
      Headers headers = record.headers();
      for (int field = 0; field < NAMES.length; field++) {
        found[field] = matchers[field].reset(value).find() ? matchers[field].group(1) : null;
      }
      long server = record.timestamp();
      Long client = found[0] == null || found[0].length() > 18 ? null : milliseconds(Long.parseLong(found[0]));
      boolean believed = client != null && client >= server - DAY && client <= server + AHEAD;
      long time = believed ? client : server;
      String said = found[0];
      if (said != null && (!believed || client != Long.parseLong(said))) found[0] = Long.toString(time);
      for (int field = 0; field < NAMES.length; field++) {
        if (found[field] != null) set(headers, NAMES[field], found[field]);
      }
      if (headers.lastHeader("dc") == null) headers.add("dc", DC);
      if (headers.lastHeader("path") == null && found[1] != null && found[2] != null && found[3] != null && found[4] != null) {
        String path = "/recom/log/" + found[1] + '/' + found[2] + '/' + found[3] + '/' + found[4];
        headers.add("path", path.getBytes(StandardCharsets.ISO_8859_1));
      }
      if (said == null) set(headers, "timestamp", Long.toString(time));
      if (said != null && !believed) set(headers, "client-timestamp", said);
      context.forward(record.withTimestamp(time), sinks[(int) Math.floorMod(id, (long) BUCKETS)]);
    }

    private static void set(Headers headers, String name, String value) {
      Header known = headers.lastHeader(name);
      if (known != null) headers.remove(name);
      headers.add(name, value.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static long milliseconds(long number) {
      if (number < 100_000_000_000L) return number * 1_000;
      if (number < 100_000_000_000_000L) return number;
      if (number < 100_000_000_000_000_000L) return number / 1_000;
      return number / 1_000_000;
    }
  }
}
