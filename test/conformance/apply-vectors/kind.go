package main

import (
	"fmt"
	"math/rand"
)

type object = map[string]any

// kind is an invented custom resource: its schema in two versions, which differ in the name of one field.
type kind struct {
	schemas map[string]object
}

func inventKind(random *rand.Rand) kind {
	properties := object{"renamed": object{"type": "string"}}
	for index := 0; index < 3+random.Intn(5); index++ {
		properties[fmt.Sprintf("p%d", index)] = inventSchema(random, 3)
	}
	spec := object{"type": "object", "properties": properties}
	if random.Intn(5) == 0 {
		spec["x-kubernetes-preserve-unknown-fields"] = true
	}
	status := object{"type": "object", "properties": object{
		"ready":      object{"type": "boolean"},
		"conditions": keyedList(object{"type": "object", "properties": object{"type": object{"type": "string"}, "status": object{"type": "string"}}}, "type"),
		"detail":     inventSchema(random, 2),
	}}
	v1 := object{"type": "object", "properties": object{"spec": spec, "status": status}}
	second := object{}
	for name, property := range properties {
		second[name] = property
	}
	delete(second, "renamed")
	second["called"] = object{"type": "string"}
	specV2 := object{}
	for name, value := range spec {
		specV2[name] = value
	}
	specV2["properties"] = second
	v2 := object{"type": "object", "properties": object{"spec": specV2, "status": status}}
	return kind{schemas: map[string]object{"v1": v1, "v2": v2}}
}

func inventSchema(random *rand.Rand, depth int) object {
	choices := 9
	if depth == 0 {
		choices = 5
	}
	switch random.Intn(choices) {
	case 0:
		return object{"type": "string"}
	case 1:
		return object{"type": "integer"}
	case 2:
		return object{"type": "boolean"}
	case 3:
		return object{"x-kubernetes-int-or-string": true}
	case 4:
		if random.Intn(2) == 0 {
			return object{"type": "number"}
		}
		return object{"type": "string", "format": "date-time"}
	case 5:
		return inventStruct(random, depth)
	case 6:
		return inventMap(random, depth)
	default:
		return inventList(random, depth)
	}
}

func inventStruct(random *rand.Rand, depth int) object {
	properties := object{}
	for _, name := range []string{"a", "b", "c"}[:1+random.Intn(3)] {
		properties[name] = inventSchema(random, depth-1)
	}
	schema := object{"type": "object", "properties": properties}
	if random.Intn(6) == 0 {
		schema["x-kubernetes-map-type"] = "atomic"
	}
	return schema
}

func inventMap(random *rand.Rand, depth int) object {
	switch random.Intn(5) {
	case 0:
		return object{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
	case 1:
		return object{"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": object{"a": inventSchema(random, depth-1)}}
	case 2:
		return object{"type": "object", "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-embedded-resource": true}
	}
	schema := object{"type": "object", "additionalProperties": inventSchema(random, depth-1)}
	if random.Intn(6) == 0 {
		schema["x-kubernetes-map-type"] = "atomic"
	}
	return schema
}

func inventList(random *rand.Rand, depth int) object {
	switch random.Intn(5) {
	case 0:
		return object{"type": "array", "items": inventSchema(random, depth-1)}
	case 1:
		return object{"type": "array", "x-kubernetes-list-type": "set", "items": object{"type": []string{"string", "integer"}[random.Intn(2)]}}
	}
	item := inventStruct(random, depth)
	properties := item["properties"].(object)
	properties["name"] = object{"type": "string"}
	if random.Intn(3) > 0 {
		return keyedList(item, "name")
	}
	port := object{"type": "integer"}
	if random.Intn(2) == 0 {
		port["default"] = 1
	}
	properties["port"] = port
	return keyedList(item, "port", "name")
}

func keyedList(item object, keys ...string) object {
	return object{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys, "items": item}
}
