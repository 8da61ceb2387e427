// Command crd-shapes writes what Kubernetes' own code makes of the shapes in this folder, of their objects, and of the changes of these in
// changes.json: go run . > answers.json
package main

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"fmt"
	"os"
	"sort"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apivalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

type answer struct {
	// Why the definition is refused.
	Definition []string `json:"definition"`
	// What is kept of the object, with defaults.
	Instance map[string]any `json:"instance"`
	// Why each change of it is refused.
	Refused [][]string `json:"refused"`
}

func main() {
	var changes map[string][]map[string]any
	read("changes.json", &changes)
	answers := map[string]answer{}
	for name, changesOfShape := range changes {
		answers[name] = answerTo(name, changesOfShape)
	}
	out := stdjson.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	check(out.Encode(answers))
}

func answerTo(name string, changes []map[string]any) answer {
	text, err := os.ReadFile(name + ".yaml")
	check(err)
	documents := bytes.SplitN(text, []byte("\n---\n"), 2)
	var external apiextensionsv1.CustomResourceDefinition
	check(yaml.UnmarshalStrict(documents[0], &external))
	apiextensionsv1.SetDefaults_CustomResourceDefinition(&external)
	apiextensionsv1.SetDefaults_CustomResourceDefinitionSpec(&external.Spec)
	var definition apiextensions.CustomResourceDefinition
	check(apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&external, &definition, nil))
	definition.Status.StoredVersions = []string{external.Spec.Versions[0].Name}
	result := answer{Definition: texts(apivalidation.ValidateCustomResourceDefinition(context.Background(), &definition)), Refused: [][]string{}}
	if len(result.Definition) > 0 {
		return result
	}
	var internal apiextensions.JSONSchemaProps
	check(apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(external.Spec.Versions[0].Schema.OpenAPIV3Schema, &internal, nil))
	structural, err := schema.NewStructural(&internal)
	check(err)
	instance, err := yaml.YAMLToJSON(documents[1])
	check(err)
	var object map[string]any
	check(json.Unmarshal(instance, &object))
	kept := runtime.DeepCopyJSON(object)
	prepare(kept, structural)
	if errs := judge(kept, structural, &internal); len(errs) > 0 {
		panic(fmt.Sprint(name, errs))
	}
	result.Instance = kept
	for _, change := range changes {
		changed := merged(runtime.DeepCopyJSON(object), change)
		prepare(changed, structural)
		result.Refused = append(result.Refused, texts(judge(changed, structural, &internal)))
	}
	return result
}

// As the API server does with what it decodes.
func prepare(object map[string]any, structural *schema.Structural) {
	pruning.PruneWithOptions(object, structural, true, schema.UnknownFieldPathOptions{})
	defaulting.PruneNonNullableNullsWithoutDefaults(object, structural)
	defaulting.Default(object, structural)
}

// As the strategy of custom resources does for a creation.
func judge(object map[string]any, structural *schema.Structural, internal *apiextensions.JSONSchemaProps) field.ErrorList {
	validator, _, err := validation.NewSchemaValidator(internal)
	check(err)
	errs := validation.ValidateCustomResource(nil, object, validator)
	errs = append(errs, objectmeta.Validate(nil, object, structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, structural, object)...)
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	if rules == nil {
		return errs
	}
	for _, err := range errs {
		if err.Type == field.ErrorTypeNotSupported || err.Type == field.ErrorTypeRequired || err.Type == field.ErrorTypeTooLong || err.Type == field.ErrorTypeTooMany || err.Type == field.ErrorTypeTypeInvalid {
			return append(errs, field.Invalid(nil, nil, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"))
		}
	}
	found, _ := rules.Validate(context.Background(), nil, structural, object, nil, celconfig.RuntimeCELCostBudget)
	return append(errs, found...)
}

func merged(object, change map[string]any) map[string]any {
	for key, value := range change {
		inner, isMap := value.(map[string]any)
		known, isKnown := object[key].(map[string]any)
		switch {
		case value == nil:
			delete(object, key)
		case isMap && isKnown:
			object[key] = merged(known, inner)
		default:
			object[key] = value
		}
	}
	return object
}

func texts(errs field.ErrorList) []string {
	result := []string{}
	for _, err := range errs {
		result = append(result, err.Error())
	}
	sort.Strings(result)
	return result
}

func read(file string, into any) {
	text, err := os.ReadFile(file)
	check(err)
	check(json.Unmarshal(text, into))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
