package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"sort"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// tellStory follows one object through random writes and notes what upstream answered to each of them.
func tellStory(random *rand.Rand, of kind, on *server, writes int) []any {
	var told []any
	var live *unstructured.Unstructured
	crowd := random.Intn(8) == 0
	for step := 0; step < writes || (crowd && step < 16); step++ {
		write := inventWrite(random, of, live, step, crowd)
		before := clone(live)
		after, failure := on.perform(live, write)
		note := object{"write": write.note()}
		if failure != nil {
			note["failure"] = failure
		} else {
			retime(before, after, step)
			note["object"] = withoutManaged(after)
			note["managedFields"] = after.Object["metadata"].(object)["managedFields"]
			live = after
		}
		told = append(told, note)
		if live == nil && step > 4 {
			break
		}
	}
	return told
}

type write struct {
	Operation   string
	Manager     string
	Version     string
	Subresource string
	Force       bool
	Body        object
}

func (w write) note() object {
	note := object{"operation": w.Operation, "manager": w.Manager, "version": w.Version, "body": w.Body}
	if w.Subresource != "" {
		note["subresource"] = w.Subresource
	}
	if w.Force {
		note["force"] = true
	}
	// What the facade decodes is JSON: what it sees is what upstream saw.
	return normal(note).(object)
}

func inventWrite(random *rand.Rand, of kind, live *unstructured.Unstructured, step int, crowd bool) write {
	w := write{Operation: "Apply", Manager: []string{"m1", "m2", "kubectl"}[random.Intn(3)], Version: "v1", Force: random.Intn(3) == 0}
	if random.Intn(5) == 0 {
		w.Version = "v2"
	}
	if random.Intn(3) == 0 || crowd {
		w.Operation, w.Force = "Update", false
		if crowd {
			w.Manager = fmt.Sprintf("u%d", step)
		}
	}
	if live != nil && random.Intn(6) == 0 {
		w.Subresource = "status"
	}
	schema := of.schemas[w.Version]
	if w.Operation == "Apply" {
		w.Body = configuration(random, schema)
		if random.Intn(14) == 0 {
			spoil(random, w.Body, schema)
		}
	} else {
		w.Body = wholeObject(random, schema, convertedTo(live, w.Version))
		w.Body = settleEndpoint(w, live)
	}
	w.Body["apiVersion"], w.Body["kind"] = "example.com/"+w.Version, "Thing"
	metadata := w.Body["metadata"].(object)
	metadata["name"] = "s"
	if w.Operation == "Update" {
		dictateOwners(random, w, live)
	}
	return w
}

func configuration(random *rand.Rand, schema object) object {
	body := object{"metadata": inventMetadata(random)}
	properties := schema["properties"].(object)
	for _, name := range []string{"spec", "status"} {
		if random.Intn(6) > 0 {
			if value, ok := inventValue(random, properties[name].(object), 0).(object); ok {
				body[name] = value
			}
		}
	}
	return body
}

func wholeObject(random *rand.Rand, schema object, live object) object {
	if live == nil {
		return configuration(random, schema)
	}
	body := object{"metadata": live["metadata"]}
	if random.Intn(3) == 0 {
		body["metadata"] = inventMetadata(random)
	}
	metadata := object{}
	for name, value := range body["metadata"].(object) {
		metadata[name] = value
	}
	delete(metadata, "managedFields")
	metadata["uid"] = "u-1"
	body["metadata"] = metadata
	properties := schema["properties"].(object)
	for _, name := range []string{"spec", "status"} {
		if value, ok := live[name]; ok {
			if changed, ok := mutate(random, properties[name].(object), value, 0).(object); ok {
				body[name] = changed
			}
		}
	}
	return body
}

// settleEndpoint leaves in the body what the endpoint may change, as the server does before it writes.
func settleEndpoint(w write, live *unstructured.Unstructured) object {
	present := convertedTo(live, w.Version)
	if w.Subresource == "status" {
		body := object{}
		for name, value := range present {
			body[name] = value
		}
		delete(body, "status")
		if status, ok := w.Body["status"]; ok {
			body["status"] = status
		}
		metadata := object{}
		for name, value := range present["metadata"].(object) {
			metadata[name] = value
		}
		delete(metadata, "managedFields")
		body["metadata"] = metadata
		return body
	}
	delete(w.Body, "status")
	if present != nil {
		if status, ok := present["status"]; ok {
			w.Body["status"] = status
		}
	}
	return w.Body
}

func inventMetadata(random *rand.Rand) object {
	metadata := object{}
	if random.Intn(2) == 0 {
		metadata["labels"] = object{words[random.Intn(3)]: words[random.Intn(3)], "l": words[random.Intn(2)]}
	}
	if random.Intn(3) == 0 {
		metadata["finalizers"] = []any{words[random.Intn(2)], "f"}
	}
	if random.Intn(4) == 0 {
		metadata["ownerReferences"] = []any{object{"apiVersion": "v1", "kind": "K", "name": words[random.Intn(3)], "uid": words[random.Intn(2)]}}
	}
	if random.Intn(4) == 0 {
		last, _ := json.Marshal(object{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": object{"name": "s", "labels": object{"l": "x"}},
			"spec": object{"renamed": words[random.Intn(2)]}})
		metadata["annotations"] = object{"kubectl.kubernetes.io/last-applied-configuration": string(last)}
	}
	return metadata
}

// spoil puts one fault into a configuration.
func spoil(random *rand.Rand, body object, schema object) {
	properties := schema["properties"].(object)["spec"].(object)["properties"].(object)
	spec := object{}
	body["spec"] = spec
	delete(body, "status")
	names := sortedNames(properties)
	name := names[random.Intn(len(names))]
	property := properties[name].(object)
	switch random.Intn(3) {
	case 0:
		spec["nope"] = int64(1)
	case 1:
		spec[name] = []any{"text", int64(3), true, object{"a": "b"}, []any{"c"}}[random.Intn(5)]
	default:
		if property["x-kubernetes-list-type"] == "set" {
			spec[name] = []any{"x", "x"}
		} else if property["x-kubernetes-list-type"] == "map" {
			spec[name] = []any{object{}}
		} else {
			body["metadata"].(object)["unheard"] = "of"
		}
	}
}

// dictateOwners lets a client say by itself who owns what, or that nobody does.
func dictateOwners(random *rand.Rand, w write, live *unstructured.Unstructured) {
	if live == nil {
		return
	}
	metadata := w.Body["metadata"].(object)
	entry := object{"manager": "said", "operation": "Apply", "apiVersion": "example.com/v1", "fieldsType": "FieldsV1",
		"fieldsV1": object{"f:spec": object{"f:renamed": object{}}, "f:metadata": object{"f:labels": object{"f:l": object{}}}}}
	switch random.Intn(24) {
	case 0:
		metadata["managedFields"] = []any{}
	case 1:
		metadata["managedFields"] = []any{object{}}
	case 2:
		metadata["managedFields"] = []any{entry}
	case 3:
		delete(entry, "fieldsType")
		metadata["managedFields"] = []any{entry}
	case 4:
		entry["apiVersion"] = "example.com/v0"
		metadata["managedFields"] = []any{entry}
	}
}

// retime gives every entry that was just written a time of its own, so that the order of writes can be told.
func retime(before, after *unstructured.Unstructured, step int) {
	known := map[string]bool{}
	if before != nil {
		for _, entry := range before.GetManagedFields() {
			if entry.Time != nil {
				known[entry.Time.UTC().Format(time.RFC3339)] = true
			}
		}
	}
	entries := after.GetManagedFields()
	for index := range entries {
		if entries[index].Time != nil && !known[entries[index].Time.UTC().Format(time.RFC3339)] {
			at := metav1.NewTime(timeOf(step))
			entries[index].Time = &at
		}
	}
	after.SetManagedFields(entries)
	if len(entries) == 0 {
		delete(after.Object["metadata"].(object), "managedFields")
	}
}

func timeOf(step int) time.Time { return time.Date(2020, 1, 1, 0, 0, step, 0, time.UTC) }

func withoutManaged(of *unstructured.Unstructured) object {
	copied := of.DeepCopy().Object
	delete(copied["metadata"].(object), "managedFields")
	return copied
}

func convertedTo(live *unstructured.Unstructured, version string) object {
	if live == nil {
		return nil
	}
	return convert(live, "example.com/"+version).Object
}

func clone(live *unstructured.Unstructured) *unstructured.Unstructured {
	if live == nil {
		return nil
	}
	return live.DeepCopy()
}

func normal(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	var read any
	if err := json.Unmarshal(text, &read); err != nil {
		panic(err)
	}
	return read
}

func sortedNames(of object) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// olderWording is how servers up to 1.33 put it; later ones list all keys, since any of several will do.
func olderWording(text string) string {
	const start, middle = `omits all key fields ["`, `"] (and doesn't have default values for any key fields)`
	at := strings.Index(text, start)
	if at < 0 {
		return text
	}
	rest := text[at+len(start):]
	end := strings.Index(rest, `"]`)
	if end < 0 || strings.Contains(rest[:end], `" "`) {
		return text
	}
	return text[:at] + `omits key field "` + rest[:end] + `" (and doesn't have default value)` + strings.TrimPrefix(rest[end:], middle)
}
