// Writes one line of JSON per case: an object, a strategic merge patch, and what apimachinery makes of them.
// `go run . > vectors.jsonl`; libs/kube's spec applies the patch and expects the same. Cases are drawn with a fixed seed
// from a small grammar, so that directives meet each other.
package main

import (
	"encoding/json"
	"maps"
	"math/rand"
	"os"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

type vector struct {
	Kind     string          `json:"kind"`
	Original json.RawMessage `json:"original"`
	Patch    json.RawMessage `json:"patch"`
	Result   json.RawMessage `json:"result,omitempty"`
	Fails    bool            `json:"fails,omitempty"`
}

type object = map[string]any
type list = []any

var random = rand.New(rand.NewSource(20261123))

const count = 200

func main() {
	lines := json.NewEncoder(os.Stdout)
	seen := map[string]bool{}
	for len(seen) < count {
		kind, typed, original, patch := oneCase()
		originalText, patchText := text(original), text(patch)
		id := kind + originalText + patchText
		if seen[id] {
			continue
		}
		seen[id] = true
		line := vector{Kind: kind, Original: json.RawMessage(originalText), Patch: json.RawMessage(patchText)}
		result, fails, stable := outcome(originalText, patchText, typed)
		if !stable {
			continue
		}
		line.Result, line.Fails = result, fails
		if err := lines.Encode(line); err != nil {
			panic(err)
		}
	}
}

// outcome applies the patch several times: where Go's answer depends on the order in which it walks a map, there is none.
func outcome(original, patch string, typed any) (result json.RawMessage, fails, stable bool) {
	for attempt := range 20 {
		found, err := strategicpatch.StrategicMergePatch([]byte(original), []byte(patch), typed)
		if attempt > 0 && (fails != (err != nil) || string(result) != string(found)) {
			return nil, false, false
		}
		result, fails = found, err != nil
	}
	return result, fails, true
}

func text(value any) string {
	bytes, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(bytes)
}

func oneCase() (kind string, typed any, original, patch object) {
	original, patch = object{"metadata": metadata()}, object{}
	if chance(0.7) {
		patch["metadata"] = metadataPatch()
	}
	switch random.Intn(3) {
	case 0:
		kind, typed = "ConfigMap", corev1.ConfigMap{}
		original["data"] = texts()
		patch["data"] = textsPatch()
	case 1:
		kind, typed = "ServiceAccount", corev1.ServiceAccount{}
		if chance(0.8) {
			original["secrets"] = named("name", false)
		}
		if chance(0.5) {
			original["imagePullSecrets"] = named("name", false)
		}
		listPatch(patch, "secrets", "name")
		if chance(0.4) {
			patch["imagePullSecrets"] = named("name", false)
		}
	case 2:
		kind, typed = "Namespace", corev1.Namespace{}
		original["spec"] = object{"finalizers": words()}
		original["status"] = object{"phase": "Active", "conditions": named("type", false)}
		status := object{}
		listPatch(status, "conditions", "type")
		patch["status"] = status
		if chance(0.3) {
			patch["spec"] = object{"finalizers": words()}
		}
	}
	return kind, typed, original, patch
}

func chance(probability float64) bool { return random.Float64() < probability }

func metadata() object {
	meta := object{"name": "x", "labels": texts()}
	if chance(0.7) {
		meta["finalizers"] = words()
	}
	if chance(0.5) {
		meta["ownerReferences"] = named("uid", false)
	}
	return meta
}

func metadataPatch() object {
	meta := object{}
	if chance(0.5) {
		meta["labels"] = textsPatch()
	}
	if chance(0.6) {
		primitivePatch(meta, "finalizers")
	}
	if chance(0.4) {
		listPatch(meta, "ownerReferences", "uid")
	}
	return meta
}

func word() string { return string(rune('a' + random.Intn(5))) }

func words() list {
	found := list{}
	for _, letter := range random.Perm(5)[:random.Intn(4)] {
		found = append(found, string(rune('a'+letter)))
	}
	return found
}

func texts() object {
	found := object{}
	for range random.Intn(4) {
		found[word()] = word()
	}
	return found
}

func textsPatch() any {
	if chance(0.1) {
		return nil
	}
	patch := texts()
	if chance(0.4) {
		patch[word()] = nil
	}
	if chance(0.15) {
		keys := list{}
		for _, key := range slices.Sorted(maps.Keys(patch)) {
			if chance(0.9) {
				keys = append(keys, key)
			}
		}
		patch["$retainKeys"] = append(keys, word())
	}
	if chance(0.15) {
		patch["$patch"] = []string{"replace", "delete", "merge"}[random.Intn(3)]
	}
	return patch
}

func primitivePatch(patch object, name string) {
	if chance(0.5) {
		patch[name] = words()
	}
	if chance(0.5) {
		patch["$deleteFromPrimitiveList/"+name] = words()
	}
	if chance(0.4) {
		patch["$setElementOrder/"+name] = append(words(), "z")
	}
}

func named(key string, patched bool) list {
	found := list{}
	for _, name := range words() {
		element := object{key: name}
		if chance(0.5) {
			element[map[string]string{"name": "kind", "type": "reason", "uid": "name"}[key]] = word()
		}
		if patched && chance(0.2) {
			element["$patch"] = []string{"delete", "delete", "replace", "nonsense"}[random.Intn(4)]
		}
		if patched && chance(0.1) {
			element["namespace"] = nil
		}
		if patched && chance(0.03) {
			delete(element, key)
		}
		found = append(found, element)
	}
	return found
}

func listPatch(patch object, name, key string) {
	if chance(0.8) {
		patch[name] = named(key, true)
	}
	if chance(0.1) {
		patch[name] = nil
	}
	// Left out is an order together with directives: apimachinery then reads a list that it has overwritten itself.
	if chance(0.35) && !strings.Contains(text(patch[name]), "$patch") {
		order := list{object{key: word()}}
		for _, element := range words() {
			if element != order[0].(object)[key] {
				order = append(order, object{key: element})
			}
		}
		patch["$setElementOrder/"+name] = order
	}
	if reflect.DeepEqual(patch[name], list{}) && chance(0.5) {
		delete(patch, name)
	}
}
