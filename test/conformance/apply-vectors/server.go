package main

import (
	"encoding/json"
	"errors"
	"sort"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

const group = "example.com"

// server is upstream's field manager for one kind, per version and endpoint.
type server struct {
	managers map[string]*managedfields.FieldManager
}

func newServer(of kind) *server {
	types, err := managedfields.NewTypeConverter(openAPI(of), false)
	if err != nil {
		panic(err)
	}
	made := &server{managers: map[string]*managedfields.FieldManager{}}
	hub := schema.GroupVersion{Group: group, Version: "v1"}
	for version := range of.schemas {
		for _, subresource := range []string{"", "status"} {
			resets := fieldpath.NewSet(fieldpath.MakePathOrDie("status"))
			if subresource == "status" {
				resets = fieldpath.NewSet(fieldpath.MakePathOrDie("spec"), fieldpath.MakePathOrDie("metadata"))
			}
			filters := map[fieldpath.APIVersion]fieldpath.Filter{}
			for name := range of.schemas {
				filters[fieldpath.APIVersion(group+"/"+name)] = fieldpath.NewExcludeSetFilter(resets)
			}
			manager, err := managedfields.NewDefaultCRDFieldManager(types, converter{}, noDefaults{}, creater{},
				schema.GroupVersionKind{Group: group, Version: version, Kind: "Thing"}, hub, subresource, filters)
			if err != nil {
				panic(err)
			}
			made.managers[version+"/"+subresource] = manager
		}
	}
	return made
}

// perform answers the object after a write, in v1, or why there was none.
func (s *server) perform(live *unstructured.Unstructured, w write) (after *unstructured.Unstructured, failure object) {
	manager := s.managers[w.Version+"/"+w.Subresource]
	body := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(typedNumbers(w.Body).(object))}
	present := live
	if present == nil {
		present = &unstructured.Unstructured{Object: object{"apiVersion": group + "/v1", "kind": "Thing"}}
	}
	present = convert(present, group+"/"+w.Version)
	var result runtime.Object
	var err error
	if w.Operation == "Apply" {
		result, err = manager.Apply(present, body, w.Manager, w.Force)
	} else {
		result = manager.UpdateNoErrors(present, body, w.Manager)
	}
	if err != nil {
		return nil, failureOf(err)
	}
	after = convert(result.(*unstructured.Unstructured), group+"/v1")
	if live == nil {
		after.SetUID("u-1")
	}
	return after, nil
}

func failureOf(err error) object {
	failure := object{"message": olderWording(err.Error())}
	var status *apierrors.StatusError
	if errors.As(err, &status) && status.ErrStatus.Details != nil {
		causes := []string{}
		for _, cause := range status.ErrStatus.Details.Causes {
			causes = append(causes, cause.Message+" "+cause.Field)
		}
		sort.Strings(causes)
		failure["causes"] = causes
	}
	return failure
}

// typedNumbers makes int64 of whole numbers, as the decoder of custom resources does.
func typedNumbers(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	read := &unstructured.Unstructured{}
	if err := read.UnmarshalJSON(text); err != nil {
		panic(err)
	}
	return read.Object
}

type converter struct{}

func (converter) Convert(in, out, context any) error { return errors.New("not asked for") }
func (converter) ConvertToVersion(in runtime.Object, target runtime.GroupVersioner) (runtime.Object, error) {
	wanted, ok := target.(schema.GroupVersion)
	if !ok {
		return in, nil
	}
	if wanted.Version != "v1" && wanted.Version != "v2" {
		return nil, runtime.NewNotRegisteredErrForKind("vectors", schema.GroupVersionKind{Group: group, Version: wanted.Version, Kind: "Thing"})
	}
	return convert(in.(*unstructured.Unstructured), wanted.String()), nil
}
func (converter) ConvertFieldLabel(_ schema.GroupVersionKind, label, value string) (string, string, error) {
	return label, value, nil
}

// convert is the kind's conversion: v2 calls `spec.renamed` `spec.called`.
func convert(in *unstructured.Unstructured, apiVersion string) *unstructured.Unstructured {
	if in.GetAPIVersion() == apiVersion {
		return in.DeepCopy()
	}
	out := in.DeepCopy()
	out.SetAPIVersion(apiVersion)
	from, to := "renamed", "called"
	if apiVersion == group+"/v1" {
		from, to = to, from
	}
	if spec, ok := out.Object["spec"].(object); ok {
		if value, ok := spec[from]; ok {
			delete(spec, from)
			spec[to] = value
		}
	}
	return out
}

type noDefaults struct{}

func (noDefaults) Default(runtime.Object) {}

type creater struct{}

func (creater) New(of schema.GroupVersionKind) (runtime.Object, error) {
	made := &unstructured.Unstructured{Object: object{}}
	made.SetGroupVersionKind(of)
	return made, nil
}

func openAPI(of kind) map[string]*spec.Schema {
	models := map[string]*spec.Schema{}
	add := func(name string, model object) {
		text, err := json.Marshal(model)
		if err != nil {
			panic(err)
		}
		read := &spec.Schema{}
		if err := json.Unmarshal(text, read); err != nil {
			panic(err)
		}
		models[name] = read
	}
	add("ObjectMeta", objectMeta)
	add("OwnerReference", ownerReference)
	add("ManagedFieldsEntry", object{"type": "object", "properties": object{"manager": text, "operation": text, "apiVersion": text, "time": moment,
		"fieldsType": text, "fieldsV1": object{"type": "object"}, "subresource": text}})
	for version, source := range of.schemas {
		model := embedded(normal(source)).(object)
		withResourceFields(model)
		model["x-kubernetes-group-version-kind"] = []any{object{"group": group, "version": version, "kind": "Thing"}}
		add("com.example."+version+".Thing", model)
	}
	return models
}

// embedded adds to embedded resources what upstream adds when it makes the document that apply reads.
func embedded(value any) any {
	switch held := value.(type) {
	case object:
		for name, inside := range held {
			held[name] = embedded(inside)
		}
		if held["x-kubernetes-embedded-resource"] == true {
			withResourceFields(held)
		}
	case []any:
		for index, inside := range held {
			held[index] = embedded(inside)
		}
	}
	return value
}

func withResourceFields(model object) {
	properties, ok := model["properties"].(object)
	if !ok {
		properties = object{}
		model["properties"] = properties
	}
	properties["apiVersion"], properties["kind"] = text, text
	properties["metadata"] = object{"$ref": "#/definitions/ObjectMeta"}
}

var (
	text   = object{"type": "string"}
	moment = object{"type": "string", "format": "date-time"}
	count  = object{"type": "integer", "format": "int64"}
	flags  = object{"type": "boolean"}
	texts  = object{"type": "object", "additionalProperties": text}

	ownerReference = object{"type": "object", "x-kubernetes-map-type": "atomic", "properties": object{
		"apiVersion": text, "kind": text, "name": text, "uid": text, "controller": flags, "blockOwnerDeletion": flags}}
	objectMeta = object{"type": "object", "properties": object{
		"name": text, "generateName": text, "namespace": text, "selfLink": text, "uid": text, "resourceVersion": text,
		"generation": count, "creationTimestamp": moment, "deletionTimestamp": moment, "deletionGracePeriodSeconds": count,
		"labels": texts, "annotations": texts,
		"ownerReferences": object{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": []string{"uid"},
			"items": object{"$ref": "#/definitions/OwnerReference"}},
		"finalizers":    object{"type": "array", "x-kubernetes-list-type": "set", "items": text},
		"managedFields": object{"type": "array", "x-kubernetes-list-type": "atomic", "items": object{"$ref": "#/definitions/ManagedFieldsEntry"}},
	}}
)
