import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What java.util.regex finds. A line is a pattern and texts, in Base64 with spaces between; the answer to each is a line:
 * `invalid`, or for each text `none`, `split` for a match that begins or ends within a character, or the span of each group in bytes of UTF-8 (`-` for one without a part), joined by
 * commas. Of a text that is no UTF-8 the groups' texts in Base64, decoded as Java decodes.
 */
public final class Patterns {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    BufferedWriter out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.US_ASCII));
    boolean texts = args.length > 0 && args[0].equals("texts");
    for (String line; (line = in.readLine()) != null; ) {
      String[] parts = line.split(" ", -1);
      StringBuilder answer = new StringBuilder();
      try {
        Pattern pattern = Pattern.compile(decoded(parts[0]));
        for (int i = 1; i < parts.length; i++) {
          answer.append(i == 1 ? "" : " ").append(find(pattern, decoded(parts[i]), texts));
        }
      } catch (PatternSyntaxException | StackOverflowError wrong) {
        answer = new StringBuilder("invalid");
      }
      out.write(answer.append('\n').toString());
    }
    out.flush();
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private static String find(Pattern pattern, String text, boolean texts) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      return "none";
    }
    StringBuilder groups = new StringBuilder();
    if (isInPair(text, matcher.start()) || isInPair(text, matcher.end())) {
      return "split";
    }
    for (int group = 0; group <= matcher.groupCount(); group++) {
      groups.append(group == 0 ? "" : ",");
      if (matcher.start(group) < 0) {
        groups.append('-');
      } else if (texts) {
        groups.append(Base64.getEncoder().encodeToString(matcher.group(group).getBytes(StandardCharsets.UTF_8)));
      } else {
        groups.append(bytes(text, matcher.start(group))).append("..").append(bytes(text, matcher.end(group)));
      }
    }
    return groups.toString();
  }

  /** Java looks for empty matches between the two halves of a character beyond U+FFFF, too. */
  private static boolean isInPair(String text, int at) {
    return at > 0 && at < text.length() && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at));
  }

  private static int bytes(String text, int end) {
    return text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
  }
}
