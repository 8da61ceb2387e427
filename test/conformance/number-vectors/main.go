// Command number-vectors writes what Kubernetes' own code makes of numbers: answers.json, about the texts, schemas and
// patches in cases.json. `go run . > answers.json`; libs/kube's spec expects the same of ours.
package main

import (
	"encoding/json"
	"os"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
	"sigs.k8s.io/yaml"
)

type cases struct {
	// Texts of JSON values.
	Values []string `json:"values"`
	// Texts of YAML values.
	Yaml []string `json:"yaml"`
	// Schemas of a field `n`, each asked about each of the numbers, which are texts of JSON. A maximum that no int64 reaches is
	// not among them: whether whole numbers pass it depends on the processor upstream.
	Schemas []json.RawMessage `json:"schemas"`
	Numbers []string          `json:"numbers"`
	// Texts of sets, to be spelt as FieldsV1.
	Sets []string `json:"sets"`
}

type answers struct {
	Values  []string   `json:"values"`
	Yaml    []string   `json:"yaml"`
	Refused [][]string `json:"refused"`
	Sets    []string   `json:"sets"`
}

func main() {
	var asked cases
	text, err := os.ReadFile("cases.json")
	check(err)
	check(json.Unmarshal(text, &asked))
	var found answers
	for _, value := range asked.Values {
		found.Values = append(found.Values, again(value))
	}
	for _, value := range asked.Yaml {
		asJSON, err := yaml.YAMLToJSON([]byte(value))
		check(err)
		found.Yaml = append(found.Yaml, again(string(asJSON)))
	}
	for _, schema := range asked.Schemas {
		found.Refused = append(found.Refused, refusals(schema, asked.Numbers))
	}
	for _, set := range asked.Sets {
		found.Sets = append(found.Sets, fieldsOf(set))
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	check(out.Encode(found))
}

// again reads a text as the API server reads an unstructured object, and writes it.
func again(text string) string {
	var value any
	check(utiljson.Unmarshal([]byte(`{"v":`+text+`}`), &value))
	written, err := json.Marshal(value.(map[string]any)["v"])
	check(err)
	return string(written)
}

func refusals(text json.RawMessage, values []string) []string {
	var external apiextensionsv1.JSONSchemaProps
	check(json.Unmarshal([]byte(`{"type":"object","properties":{"n":`+string(text)+`}}`), &external))
	var schema apiextensions.JSONSchemaProps
	check(apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&external, &schema, nil))
	validator, _, err := validation.NewSchemaValidator(&schema)
	check(err)
	texts := []string{}
	for _, value := range values {
		var object any
		check(utiljson.Unmarshal([]byte(`{"n":`+value+`}`), &object))
		text := ""
		for _, cause := range validation.ValidateCustomResource(nil, object, validator) {
			text += cause.Error() + "\n"
		}
		texts = append(texts, text)
	}
	return texts
}

const listType = `types:
- name: list
  list:
    elementType:
      scalar: untyped
    elementRelationship: associative
`

// fieldsOf spells which items a set has.
func fieldsOf(text string) string {
	parser, err := typed.NewParser(listType)
	check(err)
	var items any
	check(utiljson.Unmarshal([]byte(`{"v":`+text+`}`), &items))
	value, err := parser.Type("list").FromUnstructured(items.(map[string]any)["v"])
	check(err)
	var set *fieldpath.Set
	set, err = value.ToFieldSet()
	check(err)
	written, err := set.ToJSON()
	check(err)
	return string(written)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
