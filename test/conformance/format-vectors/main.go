// Writes which of the texts in cases.json Kubernetes' own code accepts in each format: go run . < cases.json > answers.json
package main

import (
	"encoding/json"
	"log"
	"os"

	"k8s.io/kube-openapi/pkg/validation/strfmt"
)

type cases struct {
	Formats []string `json:"formats"`
	Texts   []string `json:"texts"`
}

func main() {
	var given cases
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		log.Fatal(err)
	}
	// By format, one character for each text: 1 is accepted.
	answers := map[string]string{}
	for _, format := range given.Formats {
		if !strfmt.Default.ContainsName(format) {
			log.Fatalf("there is no format %s", format)
		}
		marks := make([]byte, len(given.Texts))
		for index, text := range given.Texts {
			marks[index] = '0'
			if strfmt.Default.Validates(format, text) {
				marks[index] = '1'
			}
		}
		answers[format] = string(marks)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(answers); err != nil {
		log.Fatal(err)
	}
}
