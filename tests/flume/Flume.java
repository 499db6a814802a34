import java.io.BufferedReader;
import java.io.FileReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flume.Channel;
import org.apache.flume.ChannelSelector;
import org.apache.flume.Context;
import org.apache.flume.Event;
import org.apache.flume.channel.MemoryChannel;
import org.apache.flume.channel.MultiplexingChannelSelector;
import org.apache.flume.channel.ReplicatingChannelSelector;
import org.apache.flume.event.EventBuilder;
import org.apache.flume.formatter.output.BucketPath;
import org.apache.flume.interceptor.Interceptor;
import org.apache.flume.interceptor.InterceptorBuilderFactory;

/**
 * Flume's own interceptors and selector of the source `a.sources.s` of a configuration.
 *
 * <p>Reads an event a line: base64 of the body, then of names and values of headers, with spaces between. Writes for each
 * the channels that get it, with commas between (`-` for none), and the event in the same form; `dropped` where an
 * interceptor dropped it. A second argument is a path with escapes, which becomes the header `path`.
 */
public final class Flume {
  public static void main(String[] arguments) throws Exception {
    Properties properties = new Properties();
    try (FileReader reader = new FileReader(arguments[0], StandardCharsets.UTF_8)) {
      properties.load(reader);
    }
    Map<String, String> own = new TreeMap<>();
    String prefix = "a.sources.s.";
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(prefix)) {
        own.put(key.substring(prefix.length()), properties.getProperty(key).trim());
      }
    }
    Context context = new Context(own);
    List<Interceptor> interceptors = interceptors(context);
    ChannelSelector selector = selector(context);
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Event event = read(line);
      for (Interceptor interceptor : interceptors) {
        event = event == null ? null : interceptor.intercept(event);
      }
      if (event == null) {
        out.println("dropped");
        continue;
      }
      TreeSet<String> channels = new TreeSet<>();
      for (Channel channel : selector.getRequiredChannels(event)) {
        channels.add(channel.getName());
      }
      for (Channel channel : selector.getOptionalChannels(event)) {
        channels.add(channel.getName());
      }
      if (arguments.length > 1) {
        event.getHeaders().put("path", BucketPath.escapeString(arguments[1], event.getHeaders()));
      }
      out.println((channels.isEmpty() ? "-" : String.join(",", channels)) + " " + write(event));
    }
    out.flush();
  }

  private static List<Interceptor> interceptors(Context context) throws Exception {
    List<Interceptor> interceptors = new ArrayList<>();
    for (String name : context.getString("interceptors", "").split("\\s+")) {
      if (name.isEmpty()) {
        continue;
      }
      Context own = new Context(context.getSubProperties("interceptors." + name + "."));
      Interceptor.Builder builder = InterceptorBuilderFactory.newInstance(own.getString("type"));
      builder.configure(own);
      Interceptor interceptor = builder.build();
      interceptor.initialize();
      interceptors.add(interceptor);
    }
    return interceptors;
  }

  private static ChannelSelector selector(Context context) {
    boolean multiplexes = "multiplexing".equals(context.getString("selector.type"));
    ChannelSelector selector = multiplexes ? new MultiplexingChannelSelector() : new ReplicatingChannelSelector();
    List<Channel> channels = new ArrayList<>();
    for (String name : context.getString("channels").split("\\s+")) {
      MemoryChannel channel = new MemoryChannel();
      channel.setName(name);
      channels.add(channel);
    }
    selector.setChannels(channels);
    selector.configure(new Context(context.getSubProperties("selector.")));
    return selector;
  }

  private static Event read(String line) {
    String[] words = line.split(" ", -1);
    Map<String, String> headers = new TreeMap<>();
    for (int at = 1; at + 1 < words.length; at += 2) {
      headers.put(text(words[at]), text(words[at + 1]));
    }
    return EventBuilder.withBody(Base64.getDecoder().decode(words[0]), headers);
  }

  private static String write(Event event) {
    StringBuilder line = new StringBuilder(Base64.getEncoder().encodeToString(event.getBody()));
    for (Map.Entry<String, String> header : new TreeMap<>(event.getHeaders()).entrySet()) {
      line.append(' ').append(word(header.getKey()));
      line.append(' ').append(header.getValue() == null ? "null" : word(header.getValue()));
    }
    return line.toString();
  }

  private static String text(String word) {
    return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
  }

  private static String word(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
