// Evaluates CEL expressions with cel-go, in the environment in which ASO evaluates them. Tests compare the operator's
// evaluator with it (test/kinds/mapping/cel-oracle.test.ts).
//
// Reads {"self": any, "secret": {name: text}, "expressions": [text]} from standard input. Writes a list with one entry
// for each expression: {"value": text or map of texts}, or {"error": message}.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
)

type request struct {
	Self        any               `json:"self"`
	Secret      map[string]string `json:"secret"`
	Expressions []string          `json:"expressions"`
}

type answer struct {
	Value any    `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	var input request
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	fail(decoder.Decode(&input))
	env, err := cel.NewEnv(
		cel.EagerlyValidateDeclarations(true),
		cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true),
		cel.OptionalTypes(),
		ext.Strings(ext.StringsVersion(3)),
		cel.Variable("self", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("secret", cel.MapType(cel.StringType, cel.StringType)),
	)
	fail(err)
	variables := map[string]any{"self": withInts(input.Self), "secret": input.Secret}
	answers := []answer{}
	for _, expression := range input.Expressions {
		value, err := evaluate(env, expression, variables)
		if err != nil {
			answers = append(answers, answer{Error: err.Error()})
		} else {
			answers = append(answers, answer{Value: value})
		}
	}
	fail(json.NewEncoder(os.Stdout).Encode(answers))
}

func evaluate(env *cel.Env, expression string, variables map[string]any) (any, error) {
	ast, issues := env.Compile(expression)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(ast)
	if err != nil {
		return nil, err
	}
	result, _, err := program.Eval(variables)
	if err != nil {
		return nil, err
	}
	if text, ok := result.Value().(string); ok {
		return text, nil
	}
	texts, err := result.ConvertToNative(reflect.TypeOf(map[string]string{}))
	if err != nil {
		return nil, fmt.Errorf("the expression returns %s", result.Type().TypeName())
	}
	return texts, nil
}

// ASO's self has typed fields: a whole number is an int.
func withInts(value any) any {
	switch typed := value.(type) {
	case json.Number:
		if whole, err := typed.Int64(); err == nil {
			return whole
		}
		number, err := typed.Float64()
		fail(err)
		return number
	case []any:
		items := []any{}
		for _, item := range typed {
			items = append(items, withInts(item))
		}
		return items
	case map[string]any:
		members := map[string]any{}
		for name, item := range typed {
			members[name] = withInts(item)
		}
		return members
	default:
		return value
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
