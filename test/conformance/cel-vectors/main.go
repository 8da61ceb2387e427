// Command cel-vectors writes what Kubernetes' own CEL environment answers to expressions.txt: vectors.txt, one line per
// expression: expression, TAB, answer, TAB, cost. Run it as `go run . > vectors.txt`.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

func main() {
	env := environment.MustBaseEnvSet(version.MajorMinor(1, 34), true).NewExpressionsEnv()
	file, err := os.Open("expressions.txt")
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		text := lines.Text()
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		answer, cost := evaluate(env, text)
		fmt.Printf("%s\t%s\t%s\n", text, answer, cost)
	}
}

func evaluate(env *cel.Env, text string) (string, string) {
	ast, issues := env.Compile(text)
	if issues != nil && issues.Err() != nil {
		return "refused: " + strings.Split(issues.String(), "\n")[0], ""
	}
	program, err := env.Program(ast, cel.CostTracking(&library.CostEstimator{}), cel.CostLimit(1000000))
	if err != nil {
		return "unusable: " + strings.ReplaceAll(err.Error(), "\n", " "), ""
	}
	value, details, err := program.Eval(map[string]any{})
	cost := ""
	if details != nil && details.ActualCost() != nil {
		cost = strconv.FormatUint(*details.ActualCost(), 10)
	}
	if err != nil {
		return "error: " + strings.ReplaceAll(err.Error(), "\n", " "), cost
	}
	return render(value), cost
}

func render(value ref.Val) string {
	switch v := value.(type) {
	case types.Int:
		return strconv.FormatInt(int64(v), 10)
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10) + "u"
	case types.Double:
		return "double " + strconv.FormatFloat(float64(v), 'g', -1, 64)
	case types.String:
		return strconv.Quote(string(v))
	case types.Bytes:
		return fmt.Sprintf("bytes %x", []byte(v))
	case types.Bool:
		return strconv.FormatBool(bool(v))
	case types.Null:
		return "null"
	case types.Duration, types.Timestamp:
		return string(v.ConvertToType(types.StringType).(types.String))
	case *types.Optional:
		if !v.HasValue() {
			return "none"
		}
		return "optional " + render(v.GetValue())
	case ref.Type:
		return "type " + v.TypeName()
	case traits.Mapper:
		return renderMap(v)
	case traits.Lister:
		parts := []string{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			parts = append(parts, render(it.Next()))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return "a " + value.Type().TypeName()
}

func renderMap(m traits.Mapper) string {
	parts := []string{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		parts = append(parts, render(key)+": "+render(m.Get(key)))
	}
	sort.Strings(parts)
	return "{" + strings.Join(parts, ", ") + "}"
}
