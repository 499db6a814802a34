import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The tests' own eyes and hands on Kafka: the Java client, so that no bug of weir's client is shared.
 *
 * <p>Prints a loopback port. Each connection to it is one request: a JSON line, for `produce` followed by one record a
 * line; the answer is JSON lines, the last of which has `ok` or `error`. Ends when its standard input does.
 */
public final class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static String brokers;
  private static Admin admin;
  private static final Map<String, KafkaProducer<byte[], byte[]>> TRANSACTIONS = new ConcurrentHashMap<>();

  public static void main(String[] args) throws Exception {
    brokers = args[0];
    admin = Admin.create(properties());
    ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    System.out.println(server.getLocalPort());
    System.out.flush();
    Thread end = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {}
      } catch (IOException gone) {
        // The same as the end.
      }
      Runtime.getRuntime().halt(0);
    });
    end.start();
    while (true) {
      Socket socket = server.accept();
      Thread thread = new Thread(() -> serve(socket));
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static Properties properties() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", brokers);
    return properties;
  }

  private static void serve(Socket socket) {
    try (socket;
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 1 << 16);
        BufferedWriter out = new BufferedWriter(new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8), 1 << 16)) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        answer(JSON.readTree(in.readLine()), in, out, answer);
        answer.put("ok", true);
      } catch (Exception error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        answer.put("error", cause.toString());
      }
      line(out, answer);
      out.flush();
    } catch (IOException gone) {
      // Whoever asked is no longer there.
    }
  }

  private static void answer(JsonNode ask, BufferedReader in, BufferedWriter out, ObjectNode answer) throws Exception {
    switch (ask.get("do").asText()) {
      case "create" -> create(ask);
      case "delete" -> delete(ask);
      case "grow" -> grow(ask);
      case "reset-offset" -> admin.alterConsumerGroupOffsets(ask.get("group").asText(),
          Map.of(partition(ask), new OffsetAndMetadata(ask.get("offset").asLong()))).all().get();
      case "open-transaction" -> openTransaction(ask, in);
      case "end-transaction" -> endTransaction(ask);
      case "delete-records" -> admin.deleteRecords(Map.of(partition(ask), RecordsToDelete.beforeOffset(ask.get("before").asLong()))).all().get();
      case "set-password" -> {
        // Kafka takes one mechanism of a user in a request.
        for (ScramMechanism mechanism : List.of(ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)) {
          admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
              ask.get("user").asText(), new ScramCredentialInfo(mechanism, 4096), ask.get("password").asText()))).all().get();
        }
      }
      case "narrow" -> admin.createAcls(Stream.of(AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE).map(operation -> new AclBinding(
          new ResourcePattern(ResourceType.TOPIC, ask.get("topic").asText(), PatternType.LITERAL),
          new AccessControlEntry("User:" + ask.get("user").asText(), "*", operation, AclPermissionType.ALLOW))).toList()).all().get();
      case "allow" -> admin.createAcls(List.of(new AclBinding(
          new ResourcePattern(ResourceType.valueOf(ask.get("kind").asText()), ask.get("name").asText(), PatternType.valueOf(ask.path("pattern").asText("LITERAL"))),
          new AccessControlEntry("User:" + ask.get("user").asText(), "*", AclOperation.valueOf(ask.get("operation").asText()),
              AclPermissionType.ALLOW)))).all().get();
      case "produce" -> answer.put("count", produce(in));
      case "flood" -> answer.put("count", flood(ask, in));
      case "read" -> read(ask, out);
      case "ends" -> ends(ask, answer);
      case "committed" -> committed(ask, answer);
      case "group" -> group(ask, answer);
      default -> throw new IllegalArgumentException("no such request: " + ask);
    }
  }

  private static void create(JsonNode ask) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    for (JsonNode topic : ask.get("topics")) {
      Map<String, String> config = new HashMap<>();
      topic.get("config").fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
      topics.add(new NewTopic(topic.get("name").asText(), topic.get("partitions").asInt(), (short) 1).configs(config));
    }
    admin.createTopics(topics).all().get();
    awaitLeaders(topics);
  }

  private static void awaitLeaders(List<NewTopic> topics) throws Exception {
    // The controller has them; the broker leads them a moment later. A producer that meets that moment with two batches on
    // their way may have its first refused and its second taken, and then never gets the first in.
    Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
    for (NewTopic topic : topics) {
      for (int partition = 0; partition < topic.numPartitions(); partition++) {
        partitions.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    while (true) {
      try {
        admin.listOffsets(partitions).all().get();
        return;
      } catch (ExecutionException error) {
        if (!(error.getCause() instanceof RetriableException)) throw error;
        Thread.sleep(10);
      }
    }
  }

  /** Returns when the brokers know the topic no more, so that one of the same name can be made. */
  private static void delete(JsonNode ask) throws Exception {
    String topic = ask.get("topic").asText();
    admin.deleteTopics(List.of(topic)).all().get();
    while (true) {
      try {
        admin.describeTopics(List.of(topic)).allTopicNames().get();
        Thread.sleep(5);
      } catch (ExecutionException error) {
        if (error.getCause() instanceof UnknownTopicOrPartitionException) return;
        throw error;
      }
    }
  }

  /** Gives a topic more partitions, and returns when the broker leads them. */
  private static void grow(JsonNode ask) throws Exception {
    String topic = ask.get("topic").asText();
    int count = ask.get("partitions").asInt();
    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(count))).all().get();
    awaitLeaders(List.of(new NewTopic(topic, count, (short) 1)));
  }

  /** Writes records in a transaction that stays open until it is ended, or until its timeout of 15 minutes. */
  private static void openTransaction(JsonNode ask, BufferedReader in) throws Exception {
    Properties properties = properties();
    properties.put("transactional.id", ask.get("id").asText());
    properties.put("transaction.timeout.ms", "900000");
    KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode record = JSON.readTree(line);
      producer.send(new ProducerRecord<>(record.get("t").asText(), record.get("p").asInt(), bytes(record.get("k")), bytes(record.get("v")))).get();
    }
    TRANSACTIONS.put(ask.get("id").asText(), producer);
  }

  private static void endTransaction(JsonNode ask) {
    try (KafkaProducer<byte[], byte[]> producer = TRANSACTIONS.remove(ask.get("id").asText())) {
      if (ask.get("commit").asBoolean()) producer.commitTransaction();
      else producer.abortTransaction();
    }
  }

  private static TopicPartition partition(JsonNode ask) {
    return new TopicPartition(ask.get("topic").asText(), ask.get("partition").asInt());
  }

  private static byte[] bytes(JsonNode node) {
    return node == null || node.isNull() ? null : Base64.getDecoder().decode(node.asText());
  }

  private static long produce(BufferedReader in) throws Exception {
    AtomicReference<Exception> failed = new AtomicReference<>();
    long count = 0;
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (String line = in.readLine(); line != null && failed.get() == null; line = in.readLine()) {
        JsonNode record = JSON.readTree(line);
        List<Header> headers = headers(record);
        // No partition: the client's own partitioner chooses. No timestamp: its clock.
        Integer partition = record.get("p").isNull() ? null : record.get("p").asInt();
        Long timestamp = record.get("ts").isNull() ? null : record.get("ts").asLong();
        producer.send(
            new ProducerRecord<>(record.get("t").asText(), partition, timestamp, bytes(record.get("k")), bytes(record.get("v")), headers),
            (metadata, error) -> {
              if (error != null) failed.compareAndSet(null, error);
            });
        count++;
      }
      producer.flush();
    }
    if (failed.get() != null) throw failed.get();
    return count;
  }

  private static KafkaProducer<byte[], byte[]> producer() {
    Properties properties = properties();
    properties.put("acks", "all");
    properties.put("linger.ms", "5");
    properties.put("max.request.size", Integer.toString(64 << 20));
    properties.put("buffer.memory", Integer.toString(64 << 20));
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static List<Header> headers(JsonNode record) {
    List<Header> headers = new ArrayList<>();
    for (JsonNode header : record.get("h")) headers.add(new RecordHeader(header.get(0).asText(), bytes(header.get(1))));
    return headers;
  }

  /**
   * Writes the records given up to an empty line over and over, to the partitions in turn and at a rate, each with a header
   * `source` that says which of its partition it is, until whoever asked ends its side.
   */
  private static long flood(JsonNode ask, BufferedReader in) throws Exception {
    List<ProducerRecord<byte[], byte[]>> models = new ArrayList<>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      JsonNode record = JSON.readTree(line);
      models.add(new ProducerRecord<>(ask.get("topic").asText(), null, record.get("ts").asLong(), bytes(record.get("k")), bytes(record.get("v")), headers(record)));
    }
    AtomicReference<Boolean> over = new AtomicReference<>(false);
    Thread end = new Thread(() -> {
      try {
        while (in.read() >= 0) {}
      } catch (IOException gone) {
        // The same as the end.
      }
      over.set(true);
    });
    end.start();
    AtomicReference<Exception> failed = new AtomicReference<>();
    int partitions = ask.get("partitions").asInt();
    long rate = ask.get("rate").asLong(), start = System.nanoTime(), count = 0;
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      while (!over.get() && failed.get() == null) {
        for (long due = (System.nanoTime() - start) / 1000 * rate / 1_000_000; count < due && !over.get(); count++) {
          ProducerRecord<byte[], byte[]> model = models.get((int) (count % models.size()));
          int partition = (int) (count % partitions);
          List<Header> headers = new ArrayList<>(List.of(model.headers().toArray()));
          headers.add(new RecordHeader("source", (partition + ":" + count / partitions).getBytes(StandardCharsets.UTF_8)));
          producer.send(new ProducerRecord<>(model.topic(), partition, model.timestamp(), model.key(), model.value(), headers), (metadata, error) -> {
            if (error != null) failed.compareAndSet(null, error);
          });
        }
        Thread.sleep(5);
      }
      producer.flush();
    }
    if (failed.get() != null) throw failed.get();
    return count;
  }

  private static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, JsonNode ask) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (JsonNode topic : ask.get("topics")) {
      consumer.partitionsFor(topic.asText()).forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition())));
    }
    return partitions;
  }

  private static KafkaConsumer<byte[], byte[]> consumer() {
    Properties properties = properties();
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("max.partition.fetch.bytes", Integer.toString(16 << 20));
    properties.put("max.poll.records", "5000");
    return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Everything, or the `last` records of each partition, up to what is the end now. */
  private static void read(JsonNode ask, BufferedWriter out) throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(consumer, ask);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      if (ask.has("last")) ends.forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - ask.get("last").asLong())));
      while (true) {
        boolean all = true;
        for (TopicPartition partition : partitions) all &= consumer.position(partition) >= ends.get(partition);
        if (all) return;
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          if (record.offset() >= ends.get(new TopicPartition(record.topic(), record.partition()))) continue;
          if (ask.has("headers")) writeHeaders(out, record, ask.get("headers"));
          else write(out, record);
        }
      }
    }
  }

  private static void write(BufferedWriter out, ConsumerRecord<byte[], byte[]> record) throws IOException {
    ObjectNode node = JSON.createObjectNode();
    node.put("t", record.topic()).put("p", record.partition()).put("o", record.offset());
    node.put("ts", record.timestamp()).put("tt", record.timestampType().toString());
    node.put("k", encode(record.key())).put("v", encode(record.value()));
    ArrayNode headers = node.putArray("h");
    for (Header header : record.headers()) headers.addArray().add(header.key()).add(encode(header.value()));
    line(out, node);
  }

  /** The last header of each of these names as text, and nothing else. */
  private static void writeHeaders(BufferedWriter out, ConsumerRecord<byte[], byte[]> record, JsonNode names) throws IOException {
    ArrayNode node = JSON.createArrayNode();
    for (JsonNode name : names) {
      Header header = record.headers().lastHeader(name.asText());
      node.add(header == null ? null : new String(header.value(), StandardCharsets.UTF_8));
    }
    line(out, node);
  }

  private static String encode(byte[] bytes) {
    return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
  }

  private static void line(BufferedWriter out, JsonNode node) throws IOException {
    out.write(JSON.writeValueAsString(node));
    out.write('\n');
  }

  private static void ends(JsonNode ask, ObjectNode answer) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      ArrayNode list = answer.putArray("ends");
      consumer.endOffsets(partitions(consumer, ask)).forEach(
          (partition, end) -> list.addArray().add(partition.topic()).add(partition.partition()).add(end));
    }
  }

  private static void committed(JsonNode ask, ObjectNode answer) throws Exception {
    ArrayNode list = answer.putArray("committed");
    Map<TopicPartition, OffsetAndMetadata> offsets =
        admin.listConsumerGroupOffsets(ask.get("group").asText()).partitionsToOffsetAndMetadata().get();
    offsets.forEach((partition, offset) -> {
      if (offset != null) list.addArray().add(partition.topic()).add(partition.partition()).add(offset.offset()).add(offset.metadata());
    });
  }

  private static void group(JsonNode ask, ObjectNode answer) throws Exception {
    String group = ask.get("group").asText();
    ArrayNode members = answer.putArray("members");
    ConsumerGroupDescription described;
    try {
      described = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
    } catch (ExecutionException error) {
      if (!(error.getCause() instanceof GroupIdNotFoundException)) throw error;
      answer.put("state", "Unknown");
      return;
    }
    answer.put("state", described.groupState().toString());
    described.members().forEach(member -> members.add(member.assignment().topicPartitions().size()));
  }
}
