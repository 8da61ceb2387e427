// Command policy-vectors writes what Kubernetes' own code says of policies and of writes: answers.json, made from cases.json.
// Run it as `go run . > answers.json`.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	v1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	internal "k8s.io/kubernetes/pkg/apis/admissionregistration/v1"
	"k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
	kubejson "sigs.k8s.io/json"
)

type testCase struct {
	Name    string                                   `json:"name"`
	Policy  *v1.ValidatingAdmissionPolicySpec        `json:"policy"`
	Old     *v1.ValidatingAdmissionPolicySpec        `json:"old"`
	Binding *v1.ValidatingAdmissionPolicyBindingSpec `json:"binding"`
	Writes  []write                                  `json:"writes"`
}

type write struct {
	Operation string         `json:"operation"`
	Object    map[string]any `json:"object"`
	OldObject map[string]any `json:"oldObject"`
	Params    map[string]any `json:"params"`
	Name      string         `json:"name"`
	DryRun    bool           `json:"dryRun"`
}

type answer struct {
	Name    string        `json:"name"`
	Refused []string      `json:"refused"`
	Writes  []writeAnswer `json:"writes"`
}

type writeAnswer struct {
	Decisions   []string `json:"decisions"`
	Annotations []string `json:"annotations"`
}

func main() {
	text, err := os.ReadFile("cases.json")
	must(err)
	var cases []testCase
	// As the server decodes: whole numbers are integers.
	must(kubejson.UnmarshalCaseSensitivePreserveInts(text, &cases))
	answers := []answer{}
	for _, c := range cases {
		answers = append(answers, answerOf(c))
	}
	out, err := json.MarshalIndent(answers, "", " ")
	must(err)
	fmt.Println(string(out))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func answerOf(c testCase) answer {
	a := answer{Name: c.Name, Refused: []string{}, Writes: []writeAnswer{}}
	if c.Binding != nil {
		binding := &v1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: "b"}, Spec: *c.Binding}
		internal.SetObjectDefaults_ValidatingAdmissionPolicyBinding(binding)
		var hub admissionregistration.ValidatingAdmissionPolicyBinding
		must(internal.Convert_v1_ValidatingAdmissionPolicyBinding_To_admissionregistration_ValidatingAdmissionPolicyBinding(binding, &hub, nil))
		a.Refused = texts(validation.ValidateValidatingAdmissionPolicyBinding(&hub))
		return a
	}
	policy := defaulted(c.Policy)
	if c.Old != nil {
		a.Refused = texts(validation.ValidateValidatingAdmissionPolicyUpdate(hubOf(policy), hubOf(defaulted(c.Old))))
	} else {
		a.Refused = texts(validation.ValidateValidatingAdmissionPolicy(hubOf(policy)))
	}
	if len(a.Refused) == 0 {
		validator := compile(policy)
		for _, w := range c.Writes {
			a.Writes = append(a.Writes, evaluate(validator, w))
		}
	}
	return a
}

func defaulted(spec *v1.ValidatingAdmissionPolicySpec) *v1.ValidatingAdmissionPolicy {
	policy := &v1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: *spec.DeepCopy()}
	internal.SetObjectDefaults_ValidatingAdmissionPolicy(policy)
	return policy
}

func hubOf(policy *v1.ValidatingAdmissionPolicy) *admissionregistration.ValidatingAdmissionPolicy {
	var hub admissionregistration.ValidatingAdmissionPolicy
	must(internal.Convert_v1_ValidatingAdmissionPolicy_To_admissionregistration_ValidatingAdmissionPolicy(policy, &hub, nil))
	return &hub
}

func texts(list field.ErrorList) []string {
	found := []string{}
	for _, e := range list {
		found = append(found, e.Field+": "+e.ErrorBody())
	}
	sort.Strings(found)
	return found
}

// As the plugin compiles it; that function is not exported.
func compile(policy *v1.ValidatingAdmissionPolicy) validating.Validator {
	env, err := cel.NewCompositionEnv(cel.VariablesTypeName, environment.MustBaseEnvSet(version.MajorMinor(1, 34), true))
	must(err)
	compiler := cel.NewCompositedCompilerFromTemplate(env)
	hasParams := policy.Spec.ParamKind != nil
	full := cel.OptionalVariableDeclarations{HasParams: hasParams, HasAuthorizer: true, StrictCost: true}
	plain := cel.OptionalVariableDeclarations{HasParams: hasParams, StrictCost: true}
	for i := range policy.Spec.Variables {
		v := policy.Spec.Variables[i]
		compiler.CompileAndStoreVariable(&validating.Variable{Name: v.Name, Expression: v.Expression}, full, environment.StoredExpressions)
	}
	var conditions, validations, annotations, messages []cel.ExpressionAccessor
	for i := range policy.Spec.MatchConditions {
		conditions = append(conditions, (*matchconditions.MatchCondition)(&policy.Spec.MatchConditions[i]))
	}
	for i := range policy.Spec.Validations {
		v := policy.Spec.Validations[i]
		validations = append(validations, &validating.ValidationCondition{Expression: v.Expression, Message: v.Message, Reason: v.Reason})
		if v.MessageExpression == "" {
			messages = append(messages, nil)
		} else {
			messages = append(messages, &validating.MessageExpressionCondition{MessageExpression: v.MessageExpression})
		}
	}
	for i := range policy.Spec.AuditAnnotations {
		v := policy.Spec.AuditAnnotations[i]
		annotations = append(annotations, &validating.AuditAnnotationCondition{Key: v.Key, ValueExpression: v.ValueExpression})
	}
	var matcher matchconditions.Matcher
	if len(conditions) > 0 {
		matcher = matchconditions.NewMatcher(compiler.CompileCondition(conditions, full, environment.StoredExpressions), policy.Spec.FailurePolicy, "policy", "validate", policy.Name)
	}
	return validating.NewValidator(
		compiler.CompileCondition(validations, full, environment.StoredExpressions),
		matcher,
		compiler.CompileCondition(annotations, full, environment.StoredExpressions),
		compiler.CompileCondition(messages, plain, environment.StoredExpressions),
		policy.Spec.FailurePolicy,
	)
}

var (
	kind      = schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Widget"}
	resource  = schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "widgets"}
	asking    = &user.DefaultInfo{Name: "ann", UID: "u-1", Groups: []string{"devs"}, Extra: map[string][]string{"team": {"a", "b"}}}
	namespace = &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{"tier": "gold"}, UID: "n-1"},
		Spec:       corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{"kubernetes"}},
		Status:     corev1.NamespaceStatus{Phase: "Active"},
	}
)

// Whoever asks may get, in any group, what is not called "secrets"; robots may nothing.
func authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if a.GetUser().GetName() == "ann" && a.GetVerb() == "get" && a.GetResource() != "secrets" {
		return authorizer.DecisionAllow, "granted", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

func evaluate(validator validating.Validator, w write) writeAnswer {
	object := func(from map[string]any) runtime.Object {
		if from == nil {
			return nil
		}
		return &unstructured.Unstructured{Object: from}
	}
	attributes := admission.NewAttributesRecord(object(w.Object), object(w.OldObject), kind, "n", w.Name, resource, "", admission.Operation(w.Operation),
		&metav1.CreateOptions{TypeMeta: metav1.TypeMeta{Kind: "CreateOptions", APIVersion: "meta.k8s.io/v1"}, FieldManager: "me"}, w.DryRun, asking)
	versioned := &admission.VersionedAttributes{Attributes: attributes, VersionedKind: kind, VersionedObject: object(w.Object), VersionedOldObject: object(w.OldObject)}
	result := validator.Validate(context.Background(), resource, versioned, object(w.Params), namespace, celconfig.RuntimeCELCostBudget, authorizer.AuthorizerFunc(authorize))
	a := writeAnswer{Decisions: []string{}, Annotations: []string{}}
	for _, d := range result.Decisions {
		text := string(d.Action)
		if d.Action == validating.ActionDeny {
			text = fmt.Sprintf("deny %s: %s", d.Reason, d.Message)
		}
		a.Decisions = append(a.Decisions, text)
	}
	for _, n := range result.AuditAnnotations {
		switch n.Action {
		case validating.AuditAnnotationActionPublish:
			a.Annotations = append(a.Annotations, n.Key+"="+n.Value)
		case validating.AuditAnnotationActionError:
			a.Annotations = append(a.Annotations, "error: "+n.Error)
		}
	}
	return a
}
