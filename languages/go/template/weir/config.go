package weir

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Decode reads a config into a struct, by the `json` tags of its fields, and returns every mistake at once: keys that the
// struct does not have, and values of a wrong type. A key that the config leaves out leaves its field as it is, so
// set the defaults before.
//
// Structs, slices, maps with string keys and pointers are read piece by piece, everything else by encoding/json.
func Decode(config []byte, into any) error {
	var mistakes Mistakes
	if !json.Valid(config) {
		var any json.RawMessage
		mistakes.Add("", "the config is not JSON: "+json.Unmarshal(config, &any).Error())
		return mistakes
	}
	decode(config, reflect.ValueOf(into).Elem(), "", &mistakes)
	return mistakes.Err()
}

func decode(raw json.RawMessage, into reflect.Value, pointer string, mistakes *Mistakes) {
	if _, ok := into.Addr().Interface().(json.Unmarshaler); !ok {
		switch kind := into.Kind(); {
		case kind == reflect.Struct:
			decodeStruct(raw, into, pointer, mistakes)
			return
		case kind == reflect.Slice && into.Type().Elem().Kind() != reflect.Uint8:
			decodeSlice(raw, into, pointer, mistakes)
			return
		case kind == reflect.Map && into.Type().Key().Kind() == reflect.String:
			decodeMap(raw, into, pointer, mistakes)
			return
		case kind == reflect.Pointer && !isNull(raw):
			into.Set(reflect.New(into.Type().Elem()))
			decode(raw, into.Elem(), pointer, mistakes)
			return
		}
	}
	isNullable := into.Kind() == reflect.Pointer || into.Kind() == reflect.Interface
	if err := json.Unmarshal(raw, into.Addr().Interface()); err != nil || isNull(raw) && !isNullable {
		mistakes.Add(pointer, "must be "+wanted(into.Type())+", and is "+found(raw))
	}
}

func decodeStruct(raw json.RawMessage, into reflect.Value, pointer string, mistakes *Mistakes) {
	members, ok := object(raw, pointer, mistakes)
	if !ok {
		return
	}
	fields := map[string]reflect.StructField{}
	for _, field := range reflect.VisibleFields(into.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		if field.IsExported() && !field.Anonymous && name != "-" {
			fields[name] = field
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		place := pointer + Pointer(name)
		if field, ok := fields[name]; ok {
			decode(members[name], into.FieldByIndex(field.Index), place, mistakes)
			continue
		}
		known := "`" + strings.Join(slices.Sorted(maps.Keys(fields)), "`, `") + "`"
		mistakes.Add(place, "is not a known key; known: "+known)
	}
}

func decodeSlice(raw json.RawMessage, into reflect.Value, pointer string, mistakes *Mistakes) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil || isNull(raw) {
		mistakes.Add(pointer, "must be an array, and is "+found(raw))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(items), len(items)))
	for at, item := range items {
		decode(item, into.Index(at), pointer+"/"+strconv.Itoa(at), mistakes)
	}
}

func decodeMap(raw json.RawMessage, into reflect.Value, pointer string, mistakes *Mistakes) {
	members, ok := object(raw, pointer, mistakes)
	if !ok {
		return
	}
	into.Set(reflect.MakeMapWithSize(into.Type(), len(members)))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := reflect.New(into.Type().Elem()).Elem()
		decode(members[name], value, pointer+Pointer(name), mistakes)
		into.SetMapIndex(reflect.ValueOf(name).Convert(into.Type().Key()), value)
	}
}

func object(raw json.RawMessage, pointer string, mistakes *Mistakes) (map[string]json.RawMessage, bool) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || isNull(raw) {
		mistakes.Add(pointer, "must be an object, and is "+found(raw))
		return nil, false
	}
	return members, true
}

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

// wanted says what a type is read from.
func wanted(of reflect.Type) string {
	switch kind := of.Kind(); {
	case kind == reflect.String:
		return "a string"
	case kind == reflect.Bool:
		return "true or false"
	case kind >= reflect.Int && kind <= reflect.Int64:
		return "an integer"
	case kind >= reflect.Uint && kind <= reflect.Uint64:
		return "an integer from 0"
	case kind == reflect.Float32 || kind == reflect.Float64:
		return "a number"
	}
	return "a " + of.String()
}

// found says what a piece of JSON is.
func found(raw json.RawMessage) string {
	switch text := string(bytes.TrimSpace(raw)); text[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	default:
		return text
	}
}
