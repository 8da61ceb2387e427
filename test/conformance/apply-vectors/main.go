// Command apply-vectors asks upstream's own field manager what becomes of objects and of the ownership of their
// fields, in thousands of random but reproducible writes, and prints the answers as JSON lines.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"math/rand"
	"os"
)

func main() {
	seed := flag.Int64("seed", 1, "of the random numbers")
	schemas := flag.Int("schemas", 60, "how many kinds to invent")
	stories := flag.Int("stories", 8, "how many objects of each kind to follow")
	writes := flag.Int("writes", 10, "how often each object is written")
	flag.Parse()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for number := 0; number < *schemas; number++ {
		random := rand.New(rand.NewSource(*seed*1_000_003 + int64(number)))
		kind := inventKind(random)
		server := newServer(kind)
		line := map[string]any{"schemas": kind.schemas}
		var told []any
		for story := 0; story < *stories; story++ {
			told = append(told, tellStory(random, kind, server, *writes))
		}
		line["stories"] = told
		if err := encoder.Encode(line); err != nil {
			panic(err)
		}
	}
}
