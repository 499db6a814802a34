// Routes records by their type.
package main

import "my-plugin/weir"

// Config is the config of this plugin.
type Config struct {
	// Drop is the type of the records that are dropped.
	Drop string `json:"drop"`
}

const configSchema = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "drop": { "type": "string", "default": "debug", "description": "The type of the records that are dropped." }
  },
  "additionalProperties": false
}`

type router struct {
	drop string
}

func (*router) Describe() weir.Description {
	return weir.Description{
		Name:         "my-plugin",
		Version:      "0.1.0",
		Summary:      "Routes records by their type.",
		ConfigSchema: configSchema,
	}
}

func (r *router) Configure(text []byte) (*weir.Plan, error) {
	config := Config{Drop: "debug"}
	if err := weir.Decode(text, &config); err != nil {
		return nil, err
	}
	r.drop = config.Drop
	plan := weir.NewPlan(weir.Header("type"), weir.JSON("/userId")).
		Effects(weir.EffectDrop|weir.EffectDeadLetter).
		HeaderNames("seen-by").
		Topics("clicks", "views")
	return plan, nil
}

func (r *router) Process(batch *weir.Batch, edits *weir.Edits) error {
	types, users := batch.Bytes(0), batch.Bytes(1)
	seenBy := edits.SetHeader("seen-by")
	clicks, views := edits.NewTopic("clicks"), edits.NewTopic("views")
	for row := range batch.Len() {
		kind, hasType := types.Get(row)
		if hasType && string(kind) == r.drop {
			edits.Drop(row)
			continue
		}
		if users.IsNull(row) {
			edits.DeadLetter(row, "no userId")
			continue
		}
		seenBy.RowString(row, "weir")
		switch string(kind) {
		case "click":
			edits.Route(row, clicks)
		case "view":
			edits.Route(row, views)
		}
	}
	return nil
}

func init() { weir.Register(&router{}) }

// main is not called: a plugin is a library.
func main() {}
