// Command rules writes what Kubernetes' own code says of the schemas and objects in cases.json: answers.json, in the same
// order. Run it in the folder above as `go run ./rules > answers.json`.
package main

import (
	"context"
	"encoding/json"
	"os"
	"sort"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/cel/environment"
)

type testCase struct {
	Name    string                          `json:"name"`
	Schema  apiextensionsv1.JSONSchemaProps `json:"schema"`
	Objects []objectCase                    `json:"objects"`
}

type objectCase struct {
	Object map[string]any `json:"object"`
	Old    map[string]any `json:"old"`
}

type answer struct {
	Name    string     `json:"name"`
	Refused []string   `json:"refused"`
	Costs   []uint64   `json:"costs"`
	Objects [][]string `json:"objects"`
}

func main() {
	var cases []testCase
	text, err := os.ReadFile("cases.json")
	check(err)
	check(json.Unmarshal(text, &cases))
	answers := []answer{}
	for _, c := range cases {
		answers = append(answers, answerTo(c))
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	check(out.Encode(answers))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func answerTo(c testCase) answer {
	internal := apiextensions.JSONSchemaProps{}
	check(apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&c.Schema, &internal, nil))
	result := answer{Name: c.Name, Refused: texts(validation.ValidateCustomResourceDefinition(context.Background(), definition(&internal)))}
	if len(result.Refused) > 0 {
		return result
	}
	structural, err := schema.NewStructural(&internal)
	check(err)
	if spec, ok := structural.Properties["spec"]; ok && len(spec.XValidations) > 0 {
		env := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion(), true)
		rules, err := cel.Compile(&spec, model.SchemaDeclType(&spec, false), celconfig.PerCallLimit, env, cel.NewExpressionsEnvLoader())
		check(err)
		for _, rule := range rules {
			result.Costs = append(result.Costs, rule.MaxCost)
		}
	}
	validator := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	for _, o := range c.Objects {
		options := []cel.Option{}
		var old any
		if o.Old != nil {
			old = o.Old
			options = append(options, cel.WithRatcheting(common.NewCorrelatedObject(o.Object, o.Old, &model.Structural{Structural: structural})))
		}
		errs, _ := validator.Validate(context.Background(), nil, structural, whole(o.Object), whole(old), celconfig.RuntimeCELCostBudget, options...)
		result.Objects = append(result.Objects, texts(errs))
	}
	return result
}

// whole turns whole numbers into int64, as the API server's decoder does.
func whole(value any) any {
	switch v := value.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case map[string]any:
		for key, inner := range v {
			v[key] = whole(inner)
		}
	case []any:
		for index, inner := range v {
			v[index] = whole(inner)
		}
	}
	return value
}

func texts(errs field.ErrorList) []string {
	result := []string{}
	for _, err := range errs {
		result = append(result, err.Error())
	}
	sort.Strings(result)
	return result
}

func definition(internal *apiextensions.JSONSchemaProps) *apiextensions.CustomResourceDefinition {
	off := false
	return &apiextensions.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets.example.com", ResourceVersion: "1"},
		Spec: apiextensions.CustomResourceDefinitionSpec{
			Group:                 "example.com",
			Scope:                 apiextensions.NamespaceScoped,
			Names:                 apiextensions.CustomResourceDefinitionNames{Plural: "widgets", Singular: "widget", Kind: "Widget", ListKind: "WidgetList"},
			PreserveUnknownFields: &off,
			Conversion:            &apiextensions.CustomResourceConversion{Strategy: apiextensions.NoneConverter},
			Version:               "v1",
			Validation:            &apiextensions.CustomResourceValidation{OpenAPIV3Schema: internal},
			Versions: []apiextensions.CustomResourceDefinitionVersion{
				{Name: "v1", Served: true, Storage: true},
			},
		},
		Status: apiextensions.CustomResourceDefinitionStatus{StoredVersions: []string{"v1"}},
	}
}
