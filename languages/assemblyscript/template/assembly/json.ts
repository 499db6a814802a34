/** Reads the JSON text of a config. Records need no JSON reader: weir extracts their members (`Input.json`). */

export enum Kind {
  NULL,
  BOOLEAN,
  NUMBER,
  STRING,
  ARRAY,
  OBJECT,
}

/** A JSON value: `text` of a string, of a number as it is written, `true` or `false`; `items` of an array or an object. */
@final
export class Json {
  names: string[] = [];
  items: Json[] = [];

  constructor(
    public kind: Kind,
    public text: string = "",
  ) {}

  /** The member of that name; the last counts. */
  member(name: string): Json | null {
    const at = this.names.lastIndexOf(name);
    return at < 0 ? null : this.items[at];
  }

  /** What it is, in words. */
  name(): string {
    switch (this.kind) {
      case Kind.NULL:
        return "null";
      case Kind.BOOLEAN:
        return "a boolean";
      case Kind.NUMBER:
        return "a number";
      case Kind.STRING:
        return "a string";
      case Kind.ARRAY:
        return "an array";
      default:
        return "an object";
    }
  }
}

/** Values inside each other; beyond it the stack would be at risk. */
const DEEPEST: i32 = 100;

@final
export class JsonReader {
  private at: i32 = 0;
  private depth: i32 = 0;
  /** What is wrong with the text, if anything is. */
  error: string | null = null;

  constructor(private text: string) {}

  /** The whole text as one value; it means nothing where there is an `error`. */
  read(): Json {
    const json = this.value();
    this.space();
    if (this.at < this.text.length) this.fail("text behind the value");
    return json;
  }

  private value(): Json {
    this.space();
    const letter = this.peek();
    if (letter == 0x7b) return this.list(Kind.OBJECT, 0x7d);
    if (letter == 0x5b) return this.list(Kind.ARRAY, 0x5d);
    if (letter == 0x22) return new Json(Kind.STRING, this.string());
    if (letter == 0x2d || isDigit(letter)) return new Json(Kind.NUMBER, this.number());
    if (this.skip("true")) return new Json(Kind.BOOLEAN, "true");
    if (this.skip("false")) return new Json(Kind.BOOLEAN, "false");
    if (!this.skip("null")) this.fail("expected a value");
    return new Json(Kind.NULL);
  }

  private list(kind: Kind, close: i32): Json {
    const json = new Json(kind);
    this.at++;
    if (++this.depth > DEEPEST) this.fail("too many values inside each other");
    this.space();
    if (this.peek() == close) this.at++;
    else {
      while (!this.error) {
        this.space();
        if (kind == Kind.OBJECT) {
          json.names.push(this.string());
          this.space();
          if (!this.skip(":")) this.fail("expected `:`");
        }
        json.items.push(this.value());
        this.space();
        if (this.skip(",")) continue;
        if (this.peek() == close) this.at++;
        else this.fail("expected `,` or the end of the list");
        break;
      }
    }
    this.depth--;
    return json;
  }

  private string(): string {
    if (!this.skip('"')) this.fail('expected `"`');
    let text = "";
    let from = this.at;
    while (!this.error) {
      const letter = this.peek();
      if (letter < 0x20) this.fail("a string does not end");
      else if (letter == 0x22) {
        text += this.text.substring(from, this.at++);
        break;
      } else if (letter == 0x5c) {
        text += this.text.substring(from, this.at++) + this.escape();
        from = this.at;
      } else this.at++;
    }
    return text;
  }

  private escape(): string {
    const letter = this.peek();
    this.at++;
    switch (letter) {
      case 0x22:
      case 0x5c:
      case 0x2f:
        return String.fromCharCode(letter);
      case 0x62:
        return "\b";
      case 0x66:
        return "\f";
      case 0x6e:
        return "\n";
      case 0x72:
        return "\r";
      case 0x74:
        return "\t";
      case 0x75: {
        let unit = 0;
        for (let i = 0; i < 4; i++, this.at++) {
          const digit = hex(this.peek());
          if (digit < 0) this.fail("expected four hexadecimal digits");
          unit = (unit << 4) | digit;
        }
        return String.fromCharCode(unit);
      }
      default:
        this.fail("unknown escape");
        return "";
    }
  }

  private number(): string {
    const from = this.at;
    this.skip("-");
    if (!this.skip("0")) this.digits();
    if (this.skip(".")) this.digits();
    if (this.skip("e") || this.skip("E")) {
      if (!this.skip("+")) this.skip("-");
      this.digits();
    }
    return this.text.substring(from, this.at);
  }

  private digits(): void {
    if (!isDigit(this.peek())) this.fail("expected a digit");
    while (isDigit(this.peek())) this.at++;
  }

  private space(): void {
    for (;;) {
      const letter = this.peek();
      if (letter != 0x20 && letter != 0x0a && letter != 0x0d && letter != 0x09) return;
      this.at++;
    }
  }

  private skip(word: string): bool {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** The next unit; -1 at the end. */
  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  private fail(what: string): void {
    if (!this.error) this.error = what + " at character " + (this.at + 1).toString();
  }
}

function isDigit(letter: i32): bool {
  return letter >= 0x30 && letter <= 0x39;
}

function hex(letter: i32): i32 {
  if (isDigit(letter)) return letter - 0x30;
  const small = letter | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1;
}
