package weir

import (
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// This file is the canonical ABI of the interface. Everything that weir writes into the plugin's memory, and everything
// that a call returns, is in one arena that is emptied after the call; strings and columns of the answer are pinned
// until then, because weir holds their addresses as plain numbers, which the garbage collector does not see.

//go:wasmimport weir:interceptor/host@0.1.0 log
func importLog(level uint32, message string)

//go:wasmimport weir:interceptor/host@0.1.0 count
func importCount(name string, by uint32)

//go:wasmimport weir:interceptor/lookup@0.1.0 get
func importLookup(name string, answer unsafe.Pointer)

func hostLog(level Level, message string) { importLog(uint32(level), message) }

func hostCount(name string, by uint32) { importCount(name, by) }

func hostLookup(name string) ([]byte, bool) {
	answer := memory.words(3)
	importLookup(name, unsafe.Pointer(&answer[0]))
	if answer[0] == 0 {
		return nil, false
	}
	// The arena is emptied after the call, and the plugin keeps the file.
	return append([]byte{}, view[byte](answer[1:])...), true
}

var (
	memory  arena
	pinned  pins
	current Edits
	batch   Batch
)

// arena hands out memory until it is emptied as a whole. In the end it is one chunk that holds what the largest call took.
type arena struct {
	chunk []uint64
	used  int
	full  [][]uint64
}

// alloc returns a place for so many bytes, aligned to 8.
func (a *arena) alloc(size int) unsafe.Pointer {
	words := (size + 7) / 8
	if words == 0 {
		return unsafe.Pointer(&nothing)
	}
	if words > len(a.chunk)-a.used {
		if a.chunk != nil {
			a.full = append(a.full, a.chunk)
		}
		a.chunk, a.used = make([]uint64, max(words, 2*len(a.chunk), 8<<10)), 0
	}
	place := unsafe.Pointer(&a.chunk[a.used])
	a.used += words
	return place
}

// words returns n zeros.
func (a *arena) words(n int) []uint32 {
	words := unsafe.Slice((*uint32)(a.alloc(4*n)), n)
	clear(words)
	return words
}

// empty takes everything back. Of several chunks the last is as large as the others together.
func (a *arena) empty() {
	clear(a.full)
	a.full, a.used = a.full[:0], 0
}

// nothing is where empty lists are.
var nothing uint64

// pins keep alive what weir reads after a function has returned.
type pins struct {
	strings []string
	bytes   [][]byte
	words   [][]uint32
}

func (p *pins) clear() {
	clear(p.strings)
	clear(p.bytes)
	clear(p.words)
	p.strings, p.bytes, p.words = p.strings[:0], p.bytes[:0], p.words[:0]
}

// address returns where a list begins.
func address[T any](list []T) uint32 {
	if len(list) == 0 {
		return uint32(uintptr(unsafe.Pointer(&nothing)))
	}
	return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(list))))
}

// put writes a list: its address and its length.
func put[T any](to []uint32, list []T) { to[0], to[1] = address(list), uint32(len(list)) }

func putString(to []uint32, text string) {
	to[0], to[1] = uint32(uintptr(unsafe.Pointer(&nothing))), uint32(len(text))
	if text != "" {
		pinned.strings = append(pinned.strings, text)
		to[0] = uint32(uintptr(unsafe.Pointer(unsafe.StringData(text))))
	}
}

func putStrings(to []uint32, texts []string) {
	list := memory.words(2 * len(texts))
	for at, text := range texts {
		putString(list[2*at:], text)
	}
	to[0], to[1] = address(list), uint32(len(texts))
}

func putColumn(to []uint32, column bytesColumn) {
	pinned.words = append(pinned.words, column.offsets)
	pinned.bytes = append(pinned.bytes, column.data, column.nulls)
	put(to, column.offsets)
	put(to[2:], column.data)
	put(to[4:], column.nulls)
}

// putCells writes a variant of 9 words.
func putCells(to []uint32, cells *Cells, shape shape) {
	to[0] = uint32(shape)
	switch shape {
	case shapeConstant:
		if !cells.isAllNull {
			to[1] = 1
			put(to[2:], cells.all)
		}
	case shapeEach:
		putColumn(to[1:], cells.each())
	case shapeSparse:
		rows, column := cells.sparse()
		pinned.words = append(pinned.words, rows)
		put(to[1:], rows)
		putColumn(to[3:], column)
	}
}

// at returns the memory from an address on. The address is one that weir got from alloc.
func at(address uint32) unsafe.Pointer { return unsafe.Add(nil, address) }

// view returns the list that two words describe, without a copy.
func view[T any](list []uint32) []T {
	if list[1] == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(at(list[0])), list[1])
}

func viewColumn(words []uint32) Bytes {
	return Bytes{offsets: view[uint32](words), data: view[byte](words[2:]), nulls: view[byte](words[4:])}
}

//go:wasmexport cabi_realloc
func realloc(old unsafe.Pointer, oldSize, _, size uint32) unsafe.Pointer {
	place := memory.alloc(int(size))
	copy(unsafe.Slice((*byte)(place), size), unsafe.Slice((*byte)(old), min(oldSize, size)))
	return place
}

//go:wasmexport weir:interceptor/plugin@0.1.0#describe
func describe() unsafe.Pointer {
	defer fault()
	description, answer := registered().Describe(), memory.words(8)
	putString(answer, description.Name)
	putString(answer[2:], description.Version)
	putString(answer[4:], description.Summary)
	putString(answer[6:], description.schema())
	return unsafe.Pointer(&answer[0])
}

//go:wasmexport weir:interceptor/plugin@0.1.0#configure
func configure(text unsafe.Pointer, length uint32) unsafe.Pointer {
	defer fault()
	answer := memory.words(8)
	config := append([]byte{}, unsafe.Slice((*byte)(text), length)...)
	plan, err := registered().Configure(config)
	if err != nil {
		return failed(answer, err)
	}
	inputs := memory.words(7 * len(plan.inputs))
	for at, input := range plan.inputs {
		putInput(inputs[7*at:], input)
	}
	answer[1], answer[2] = address(inputs), uint32(len(plan.inputs))
	if plan.allHeaders {
		answer[3] = 1
	}
	answer[3] |= uint32(plan.effects) << 16
	putStrings(answer[4:], plan.headerNames)
	putStrings(answer[6:], plan.topics)
	return unsafe.Pointer(&answer[0])
}

func putInput(to []uint32, input Input) {
	to[0] = uint32(input.kind)
	switch input.kind {
	case inputHeader:
		putString(to[1:], input.header)
	case inputJSON, inputJSONInt, inputCapture:
		to[1] = uint32(input.source)
		putString(to[2:], input.header)
		putString(to[4:], input.text)
		to[6] = input.group
	}
}

//go:wasmexport weir:interceptor/plugin@0.1.0#process
func process(words unsafe.Pointer) unsafe.Pointer {
	defer fault()
	answer := memory.words(48)
	batch.read(unsafe.Slice((*uint32)(words), 19))
	current.reset(batch.count)
	err := registered().Process(&batch, &current)
	if err == nil {
		err = current.finish()
	}
	if err != nil {
		return failed(answer, err)
	}
	putEdits(answer[1:], &current)
	return unsafe.Pointer(&answer[0])
}

// read makes a batch of the words of the interface's record. Of the word that tells a variant or an option weir writes the
// first byte only; the others hold whatever was there before.
func (b *Batch) read(words []uint32) {
	if topic := view[byte](words); string(topic) != b.topic {
		b.topic = string(topic)
	}
	b.partition, b.count = int32(words[2]), int(words[3])
	b.columns, b.headers = b.columns[:0], nil
	for columns := unsafe.Slice((*uint32)(at(words[4])), 7*words[5]); len(columns) > 0; columns = columns[7:] {
		if byte(columns[0]) == 0 {
			b.columns = append(b.columns, column{bytes: viewColumn(columns[1:])})
			continue
		}
		ints := Ints{values: view[int64](columns[1:]), nulls: view[byte](columns[3:])}
		b.columns = append(b.columns, column{isInts: true, ints: ints})
	}
	if table := words[7:]; byte(words[6]) != 0 {
		b.headers = &Headers{
			starts: view[uint32](table), index: view[uint32](table[4:]), cells: viewColumn(table[6:]),
		}
		for names := unsafe.Slice((*uint32)(at(table[2])), 2*table[3]); len(names) > 0; names = names[2:] {
			b.headers.names = append(b.headers.names, string(view[byte](names)))
		}
	}
}

func putEdits(to []uint32, edits *Edits) {
	if edits.isExpanded {
		to[0] = 1
		put(to[1:], edits.expand)
	}
	put(to[3:], edits.verdicts)
	if edits.reasons.written > 0 {
		to[5] = 1
		putColumn(to[6:], edits.reasons.each())
	}
	putHeaders(to[12:], edits.headers)
	if shape := edits.key.shape(); shape != shapeNothing {
		to[14] = 1
		putCells(to[15:], &edits.key, shape)
	}
	if shape := edits.value.shape(); shape != shapeNothing {
		to[24] = 1
		putCells(to[25:], &edits.value, shape)
	}
	if len(edits.timestamps) > 0 {
		to[34] = 1
		put(to[35:], edits.timestamps)
		put(to[37:], edits.untimed)
	}
	if len(edits.routes) > 0 {
		to[39] = 1
		putStrings(to[40:], edits.topics)
		put(to[42:], edits.routes)
	}
	if len(edits.partitions) > 0 {
		to[44] = 1
		put(to[45:], edits.partitions)
	}
}

func putHeaders(to []uint32, edits []headerEdit) {
	count := 0
	for _, edit := range edits {
		for cells := edit.cells; cells != nil; cells = cells.next {
			count++
		}
	}
	list := memory.words(12 * count)
	written := 0
	for _, edit := range edits {
		for cells := edit.cells; cells != nil; cells = cells.next {
			shape := cells.shape()
			if shape == shapeNothing {
				continue
			}
			entry := list[12*written:]
			putString(entry, edit.name)
			entry[2] = uint32(edit.op)
			putCells(entry[3:], cells, shape)
			written++
		}
	}
	to[0], to[1] = address(list), uint32(written)
}

func failed(answer []uint32, err error) unsafe.Pointer {
	answer[0] = 1
	putString(answer[1:], strings.ToValidUTF8(err.Error(), "\uFFFD"))
	return unsafe.Pointer(&answer[0])
}

func registered() Interceptor {
	if plugin == nil {
		panic("no plugin is registered: call weir.Register in an init function")
	}
	return plugin
}

// fault ends the call of a plugin that panics, after it has said why and where: of a stack trace, which is long, weir would
// keep the end only.
func fault() {
	reason := recover()
	if reason == nil {
		return
	}
	text := "panic"
	switch reason := reason.(type) {
	case error:
		text = reason.Error()
	case string:
		text = reason
	case interface{ String() string }:
		text = reason.String()
	}
	importLog(uint32(LevelError), strings.ToValidUTF8("panic: "+text+place(), "\uFFFD"))
	runtime.Breakpoint()
	panic(reason)
}

// place returns the functions between the panic and the runtime's own, innermost first.
func place() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	text := ""
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if strings.HasPrefix(frame.Function, "runtime.") {
			continue
		}
		if strings.HasSuffix(frame.File, "/abi_wasip1.go") {
			break
		}
		file := frame.File[strings.LastIndexByte(frame.File, '/')+1:]
		text += " at " + frame.Function + " (" + file + ":" + strconv.Itoa(frame.Line) + ")"
	}
	return text
}

//go:wasmexport cabi_post_weir:interceptor/plugin@0.1.0#describe
func afterDescribe(unsafe.Pointer) { afterCall() }

//go:wasmexport cabi_post_weir:interceptor/plugin@0.1.0#configure
func afterConfigure(unsafe.Pointer) { afterCall() }

//go:wasmexport cabi_post_weir:interceptor/plugin@0.1.0#process
func afterProcess(unsafe.Pointer) { afterCall() }

func afterCall() {
	memory.empty()
	pinned.clear()
}
