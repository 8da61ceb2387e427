package main

import "math/rand"

var words = []string{"x", "y", "z", "<&>", "é\"q"}

// inventValue makes a value that fits a schema. Few words and numbers, so that writers often agree by chance.
func inventValue(random *rand.Rand, schema object, depth int) any {
	if random.Intn(40) == 0 {
		return nil
	}
	switch schema["type"] {
	case "string":
		return words[random.Intn(len(words))]
	case "integer":
		return int64(random.Intn(3))
	case "number":
		return []any{int64(1), 1.5, int64(2)}[random.Intn(3)]
	case "boolean":
		return random.Intn(2) == 0
	case "object":
		return inventObject(random, schema, depth)
	case "array":
		return inventItems(random, schema, depth)
	}
	if random.Intn(2) == 0 {
		return int64(random.Intn(3))
	}
	return words[random.Intn(2)]
}

func inventObject(random *rand.Rand, schema object, depth int) any {
	value := object{}
	if properties, ok := schema["properties"].(object); ok {
		for _, name := range sortedNames(properties) {
			if random.Intn(3) > 0 {
				value[name] = inventValue(random, properties[name].(object), depth+1)
			}
		}
	}
	if more, ok := schema["additionalProperties"].(object); ok {
		for _, name := range []string{"k1", "k2", "constructor"} {
			if random.Intn(2) == 0 {
				value[name] = inventValue(random, more, depth+1)
			}
		}
	}
	if schema["x-kubernetes-embedded-resource"] == true && random.Intn(2) == 0 {
		value["metadata"] = object{"labels": object{"e": words[random.Intn(2)]}, "finalizers": []any{words[random.Intn(2)]}}
	}
	if schema["x-kubernetes-preserve-unknown-fields"] == true {
		for _, name := range []string{"u1", "u2"} {
			if random.Intn(2) == 0 {
				value[name] = anything(random, depth+1)
			}
		}
	}
	return value
}

func anything(random *rand.Rand, depth int) any {
	switch random.Intn(7) {
	case 0:
		return []any{words[random.Intn(2)], int64(random.Intn(2))}
	case 1, 2:
		if depth < 5 {
			value := object{}
			for _, name := range []string{"d1", "d2"} {
				if random.Intn(2) == 0 {
					value[name] = anything(random, depth+1)
				}
			}
			return value
		}
	case 3:
		return nil
	case 4:
		return random.Intn(2) == 0
	}
	return words[random.Intn(3)]
}

func inventItems(random *rand.Rand, schema object, depth int) any {
	items := []any{}
	item := schema["items"].(object)
	names := random.Perm(4)[:random.Intn(4)]
	for _, index := range names {
		switch schema["x-kubernetes-list-type"] {
		case "set":
			if item["type"] == "integer" {
				items = append(items, int64(index))
			} else {
				items = append(items, words[index])
			}
		case "map":
			value, _ := inventValue(random, item, depth+1).(object)
			if value == nil {
				value = object{}
			}
			for _, key := range schema["x-kubernetes-list-map-keys"].([]string) {
				switch key {
				case "port":
					value[key] = int64(index % 2)
					if random.Intn(3) == 0 {
						delete(value, key)
					}
				default:
					value[key] = words[index]
				}
			}
			items = append(items, value)
		default:
			items = append(items, inventValue(random, item, depth+1))
		}
	}
	return items
}

// mutate changes some of what an object holds, as a client would that read it first.
func mutate(random *rand.Rand, schema object, value any, depth int) any {
	if random.Intn(5) == 0 {
		return inventValue(random, schema, depth)
	}
	switch held := value.(type) {
	case object:
		changed := object{}
		properties, _ := schema["properties"].(object)
		more, _ := schema["additionalProperties"].(object)
		for _, name := range sortedNames(held) {
			inside := held[name]
			if property, ok := properties[name].(object); ok {
				if random.Intn(8) == 0 {
					continue
				}
				changed[name] = mutate(random, property, inside, depth+1)
			} else if more != nil && random.Intn(3) > 0 {
				changed[name] = mutate(random, more, inside, depth+1)
			} else if random.Intn(6) > 0 {
				changed[name] = inside
			}
		}
		return changed
	case []any:
		items, _ := schema["items"].(object)
		changed := []any{}
		for _, inside := range held {
			if random.Intn(6) == 0 {
				continue
			}
			if schema["x-kubernetes-list-type"] == nil && items != nil {
				inside = mutate(random, items, inside, depth+1)
			}
			changed = append(changed, inside)
		}
		// Live lists may hold what cannot be told apart.
		if len(changed) > 0 && random.Intn(6) == 0 {
			changed = append(changed, changed[random.Intn(len(changed))])
		}
		return changed
	}
	return value
}
