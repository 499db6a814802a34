// Package weir is the SDK of weir's plugins, interface 0.1, for standard Go.
//
// A plugin is an [Interceptor]. Its Configure says once which columns it reads and what it may change; its Process gets
// batches of those columns and writes down what changes. What it does not write down stays as it is.
//
//	type tombstones struct{}
//
//	func (tombstones) Describe() weir.Description {
//		return weir.Description{Name: "no-tombstones", Version: "1.0.0", Summary: "Drops tombstones."}
//	}
//
//	func (tombstones) Configure(config []byte) (*weir.Plan, error) {
//		return weir.NewPlan(weir.Value()).Effects(weir.EffectDrop), nil
//	}
//
//	func (tombstones) Process(batch *weir.Batch, edits *weir.Edits) error {
//		values := batch.Bytes(0)
//		for row := range batch.Len() {
//			if values.IsNull(row) {
//				edits.Drop(row)
//			}
//		}
//		return nil
//	}
//
//	func init() { weir.Register(tombstones{}) }
//
// It is built as a reactor, which needs no other tool:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o plugin.wasm .
//
// A plugin has no clock, no randomness, no files and no environment: the same config and records give the same edits.
package weir

import "strings"

// An Interceptor is a plugin: what it is, what it is told, and what it does to a batch.
//
// It keeps nothing that matters between two batches: weir may discard an instance and make a new one at any time, and
// no answer may depend on where a batch was cut.
type Interceptor interface {
	// Describe says what the plugin is. It may be called without Configure.
	Describe() Description

	// Configure reads the config, which is JSON text, and returns what the plugin reads and may change. It is called
	// once an instance, sometimes only to validate a config. An error should be a [Mistakes], so that all mistakes
	// are named at once, each with its place.
	Configure(config []byte) (*Plan, error)

	// Process writes down what changes in a batch. An error is about the batch as a whole: weir then tries halves of
	// it, down to the record that causes the error. A record that is wrong is not an error: see [Edits.DeadLetter].
	// Batch, edits and all that they return are valid until Process returns.
	Process(batch *Batch, edits *Edits) error
}

// A Description says what a plugin is.
type Description struct {
	// Name is in kebab-case.
	Name string
	// Version is the plugin's own, such as "1.2.0".
	Version string
	// Summary says in a sentence what the plugin does.
	Summary string
	// ConfigSchema is the JSON Schema (2020-12) of the config. Empty means any object.
	ConfigSchema string
}

// A Mistake is one thing that is wrong in a config.
type Mistake struct {
	// Pointer is the RFC 6901 pointer to its place; empty for the config as a whole.
	Pointer string
	// Message says what is wrong, in lower case and without a full stop.
	Message string
}

// Mistakes are the mistakes of a config. As an error they are told to the operator all at once.
type Mistakes []Mistake

// Add notes one mistake more.
func (m *Mistakes) Add(pointer, message string) {
	*m = append(*m, Mistake{Pointer: pointer, Message: message})
}

// Err returns the mistakes as an error, and nil where there are none.
func (m Mistakes) Err() error {
	if len(m) == 0 {
		return nil
	}
	return m
}

// Error returns one mistake a line, "/pointer: what is wrong".
func (m Mistakes) Error() string {
	var text strings.Builder
	for at, mistake := range m {
		if at > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(mistake.Pointer + ": " + oneLine.Replace(mistake.Message))
	}
	return text.String()
}

var (
	oneLine       = strings.NewReplacer("\n", " ", "\r", " ")
	escapePointer = strings.NewReplacer("~", "~0", "/", "~1")
)

// Pointer returns the RFC 6901 pointer made of these names, with `~` and `/` in them escaped.
func Pointer(names ...string) string {
	var pointer strings.Builder
	for _, name := range names {
		pointer.WriteString("/" + escapePointer.Replace(name))
	}
	return pointer.String()
}

// A Level says how much a log line matters.
type Level uint8

// The levels.
const (
	// LevelDebug is of use to the plugin's author.
	LevelDebug Level = iota
	// LevelInfo is what an operator asked to know.
	LevelInfo
	// LevelWarn means that something went wrong and was made good.
	LevelWarn
	// LevelError means that data is at risk or a person must act.
	LevelError
)

// Log writes a line to weir's log, once the edits of the call are accepted. Call it once a batch at most.
func Log(level Level, message string) { hostLog(level, message) }

// Count adds to a metric of this interceptor, once the edits of the call are accepted. At most 64 names an interceptor.
// Sum up over the batch and call it once a name; adding 0 does nothing.
func Count(name string, by int) {
	for ; by > 0; by -= min(by, 1<<31) {
		hostCount(name, uint32(min(by, 1<<31)))
	}
}

// Lookup returns the bytes of a file that the interceptor's table names under `files`, and whether there is one. It works
// only inside Configure.
func Lookup(name string) ([]byte, bool) { return hostLookup(name) }

var plugin Interceptor

// Register makes an interceptor the plugin of this program. It is called once, in an init function: main does not run.
func Register(interceptor Interceptor) { plugin = interceptor }

// schema returns a schema that is never empty.
func (d Description) schema() string {
	if d.ConfigSchema == "" {
		return `{"type":"object"}`
	}
	return d.ConfigSchema
}
