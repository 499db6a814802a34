package weir

// An Input is a column that weir extracts, natively, for every batch.
type Input struct {
	kind   inputKind
	source sourceKind
	// header names the header to read, or to look in.
	header string
	// text is the pointer or the pattern.
	text  string
	group uint32
}

type (
	inputKind  uint8
	sourceKind uint8
)

// In the order of the interface.
const (
	inputKey inputKind = iota
	inputValue
	inputHeader
	inputTimestamp
	inputTimestampType
	inputReceived
	inputOffset
	inputJSON
	inputJSONInt
	inputCapture
)

const (
	sourceKey sourceKind = iota
	sourceValue
	sourceHeader
)

// isInts tells whether the column is one of integers.
func (i Input) isInts() bool {
	switch i.kind {
	case inputTimestamp, inputTimestampType, inputReceived, inputOffset, inputJSONInt:
		return true
	}
	return false
}

// Key reads the key (bytes), null where the record has none.
func Key() Input { return Input{kind: inputKey} }

// Value reads the value (bytes), null in a tombstone.
func Value() Input { return Input{kind: inputValue} }

// Header reads the last header of that name (bytes).
func Header(name string) Input { return Input{kind: inputHeader, header: name} }

// Timestamp reads the record's timestamp (ints): ms since the epoch, null where it has none.
func Timestamp() Input { return Input{kind: inputTimestamp} }

// TimestampType reads where the timestamp comes from (ints): 0 create time, 1 log append time, null unknown.
func TimestampType() Input { return Input{kind: inputTimestampType} }

// Received reads when weir fetched the record (ints): ms since the epoch. It is the only clock, and with it a replay differs
// from a run.
func Received() Input { return Input{kind: inputReceived} }

// Offset reads the record's offset in its partition (ints).
func Offset() Input { return Input{kind: inputOffset} }

// JSON reads a member of the value, by RFC 6901 pointer (bytes): strings unescaped, anything else as its JSON text. It is
// null where the value is not a JSON document, the member is missing, or it is `null`.
func JSON(pointer string) Input { return Input{kind: inputJSON, source: sourceValue, text: pointer} }

// JSONInt reads the same as an integer (ints), also from a string of digits with a sign. It is null for anything else.
func JSONInt(pointer string) Input {
	return Input{kind: inputJSONInt, source: sourceValue, text: pointer}
}

// Capture reads a group of the first match of a regular expression in the value (bytes), null where nothing matches or the
// group took no part. The host runs it: the syntax is that of Rust's regex crate, and group 0 is the whole match.
func Capture(pattern string, group uint32) Input {
	return Input{kind: inputCapture, source: sourceValue, text: pattern, group: group}
}

// OfKey looks in the key instead. It is of use for JSON, JSONInt and Capture; the others stay as they are.
func (i Input) OfKey() Input { return i.from(sourceKey, "") }

// OfHeader looks in the last header of that name instead. It is of use for JSON, JSONInt and Capture.
func (i Input) OfHeader(name string) Input { return i.from(sourceHeader, name) }

func (i Input) from(source sourceKind, header string) Input {
	if i.kind >= inputJSON {
		i.source, i.header = source, header
	}
	return i
}

// Effects say what a plugin may do to a record; combine them with |.
type Effects uint16

// The effects.
const (
	// EffectKey writes the key.
	EffectKey Effects = 1 << iota
	// EffectValue writes the value.
	EffectValue
	// EffectTimestamp writes the timestamp.
	EffectTimestamp
	// EffectHeaders writes or removes headers. [Plan.HeaderNames] implies it.
	EffectHeaders
	// EffectRoute chooses the topic. [Plan.Topics] implies it.
	EffectRoute
	// EffectPartition chooses the partition.
	EffectPartition
	// EffectDrop drops records.
	EffectDrop
	// EffectDeadLetter sets records aside.
	EffectDeadLetter
	// EffectExpand makes several records of one.
	EffectExpand
)

// A Plan says what a plugin reads and may change. weir passes nothing else to the plugin, and takes an edit that was not
// declared for a fault.
type Plan struct {
	inputs      []Input
	allHeaders  bool
	effects     Effects
	headerNames []string
	topics      []string
}

// NewPlan returns a plan that reads these columns, in this order, and changes nothing.
func NewPlan(inputs ...Input) *Plan { return new(Plan).Inputs(inputs...) }

// Inputs reads these columns too.
func (p *Plan) Inputs(inputs ...Input) *Plan {
	p.inputs = append(p.inputs, inputs...)
	return p
}

// Column returns the number of the column of this input, which is added if it is not read yet. It is for plugins whose
// inputs follow from their config.
func (p *Plan) Column(input Input) int {
	for at, known := range p.inputs {
		if known == input {
			return at
		}
	}
	p.inputs = append(p.inputs, input)
	return len(p.inputs) - 1
}

// AllHeaders reads every header of every record too ([Batch.Headers]). It costs a copy of all of them.
func (p *Plan) AllHeaders() *Plan {
	p.allHeaders = true
	return p
}

// Effects allows these too.
func (p *Plan) Effects(effects Effects) *Plan {
	p.effects |= effects
	return p
}

// HeaderNames allows to write and remove these headers too; "*" is any name.
func (p *Plan) HeaderNames(names ...string) *Plan {
	if len(names) > 0 {
		p.effects |= EffectHeaders
		p.headerNames = append(p.headerNames, names...)
	}
	return p
}

// Topics allows to route to these topics too: names, or patterns with *.
func (p *Plan) Topics(topics ...string) *Plan {
	if len(topics) > 0 {
		p.effects |= EffectRoute
		p.topics = append(p.topics, topics...)
	}
	return p
}
