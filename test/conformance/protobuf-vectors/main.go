// Writes one line of JSON per object: its protobuf as client-go sends it (base64), and its JSON as Go writes it.
// `go run . > vectors.jsonl`; libs/kube's spec decodes the one and expects the other.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/types"
)

type vector struct {
	Protobuf []byte          `json:"protobuf"`
	JSON     json.RawMessage `json:"json"`
}

func pointerTo[T any](value T) *T { return &value }

func main() {
	scheme := runtime.NewScheme()
	serializer := protobuf.NewSerializer(scheme, scheme)
	lines := json.NewEncoder(os.Stdout)
	for _, object := range objects() {
		var wire bytes.Buffer
		must(serializer.Encode(object, &wire))
		text, err := json.Marshal(object)
		must(err)
		must(lines.Encode(vector{wire.Bytes(), text}))
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func typed(apiVersion, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}
}

func objects() []runtime.Object {
	moment := time.Date(2026, 3, 4, 5, 6, 7, 890123456, time.UTC)
	epoch := time.Unix(0, 0).UTC()
	before := time.Date(1969, 12, 31, 23, 59, 58, 5000, time.UTC)
	meta := metav1.ObjectMeta{
		Name: "a", GenerateName: "a-", Namespace: "default", UID: "u", ResourceVersion: "7", Generation: 3,
		CreationTimestamp: metav1.NewTime(moment), DeletionTimestamp: pointerTo(metav1.NewTime(epoch)),
		DeletionGracePeriodSeconds: pointerTo(int64(0)),
		Labels:                     map[string]string{"app": "x", "empty": ""},
		Annotations:                map[string]string{"note": "grüße ✓"},
		OwnerReferences: []metav1.OwnerReference{
			{APIVersion: "v1", Kind: "ConfigMap", Name: "o", UID: "p", Controller: pointerTo(false), BlockOwnerDeletion: pointerTo(true)},
			{},
		},
		Finalizers: []string{"example.com/f"},
		ManagedFields: []metav1.ManagedFieldsEntry{{
			Manager: "kubectl", Operation: "Update", APIVersion: "v1", Time: pointerTo(metav1.NewTime(moment)), FieldsType: "FieldsV1",
			FieldsV1: &metav1.FieldsV1{Raw: []byte(`{"f:data":{".":{},"k:{\"name\":\"x\"}":{}}}`)}, Subresource: "status",
		}},
	}
	named := metav1.ObjectMeta{Name: "a"}
	reference := corev1.ObjectReference{Kind: "Pod", Namespace: "n", Name: "p", UID: "u", APIVersion: "v1", ResourceVersion: "9", FieldPath: "spec"}
	attributes := &authorizationv1.ResourceAttributes{
		Namespace: "n", Verb: "get", Group: "g", Version: "v1", Resource: "pods", Subresource: "log", Name: "x",
		FieldSelector: &authorizationv1.FieldSelectorAttributes{RawSelector: "a=b"},
		LabelSelector: &authorizationv1.LabelSelectorAttributes{Requirements: []metav1.LabelSelectorRequirement{
			{Key: "k", Operator: "In", Values: []string{"", "v"}}, {Key: "l", Operator: "Exists"},
		}},
	}
	return []runtime.Object{
		&corev1.Namespace{TypeMeta: typed("v1", "Namespace"), ObjectMeta: named},
		&corev1.Namespace{
			TypeMeta: typed("v1", "Namespace"), ObjectMeta: meta,
			Spec: corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{"kubernetes"}},
			Status: corev1.NamespaceStatus{Phase: "Active", Conditions: []corev1.NamespaceCondition{
				{Type: "NamespaceContentRemaining", Status: "True", LastTransitionTime: metav1.NewTime(before), Reason: "r", Message: "m"}, {},
			}},
		},
		&corev1.ConfigMap{TypeMeta: typed("v1", "ConfigMap"), ObjectMeta: named, Immutable: pointerTo(false)},
		&corev1.ConfigMap{
			TypeMeta: typed("v1", "ConfigMap"), ObjectMeta: named, Immutable: pointerTo(true),
			Data: map[string]string{"a": "1", "": "", "line": "x\ny"}, BinaryData: map[string][]byte{"b": {0, 1, 255}, "none": {}},
		},
		&corev1.Secret{TypeMeta: typed("v1", "Secret"), ObjectMeta: named},
		&corev1.Secret{
			TypeMeta: typed("v1", "Secret"), ObjectMeta: named, Immutable: pointerTo(true), Type: "Opaque",
			Data: map[string][]byte{"b": {0, 1, 255}, "none": {}}, StringData: map[string]string{"a": "1", "line": "x\ny"},
		},
		&corev1.ServiceAccount{TypeMeta: typed("v1", "ServiceAccount"), ObjectMeta: named},
		&corev1.ServiceAccount{
			TypeMeta: typed("v1", "ServiceAccount"), ObjectMeta: named, Secrets: []corev1.ObjectReference{reference, {}},
			ImagePullSecrets: []corev1.LocalObjectReference{{Name: "s"}}, AutomountServiceAccountToken: pointerTo(false),
		},
		&corev1.Event{TypeMeta: typed("v1", "Event"), ObjectMeta: named},
		&corev1.Event{
			TypeMeta: typed("v1", "Event"), ObjectMeta: named, InvolvedObject: reference, Reason: "r", Message: "m",
			Source: corev1.EventSource{Component: "c", Host: "h"}, FirstTimestamp: metav1.NewTime(epoch), LastTimestamp: metav1.NewTime(moment),
			Count: 2, Type: "Normal", EventTime: metav1.NewMicroTime(moment), Action: "a", Related: &reference,
			Series:              &corev1.EventSeries{Count: 3, LastObservedTime: metav1.NewMicroTime(before)},
			ReportingController: "rc", ReportingInstance: "ri",
		},
		&eventsv1.Event{TypeMeta: typed("events.k8s.io/v1", "Event"), ObjectMeta: named},
		&eventsv1.Event{
			TypeMeta: typed("events.k8s.io/v1", "Event"), ObjectMeta: named, EventTime: metav1.NewMicroTime(moment), Action: "a", Reason: "r",
			Series: &eventsv1.EventSeries{LastObservedTime: metav1.NewMicroTime(epoch)}, ReportingController: "rc", ReportingInstance: "ri",
			Regarding: reference, Related: &corev1.ObjectReference{}, Note: "n", Type: "Warning", DeprecatedCount: 1,
			DeprecatedSource: corev1.EventSource{Host: "h"}, DeprecatedFirstTimestamp: metav1.NewTime(epoch), DeprecatedLastTimestamp: metav1.NewTime(moment),
		},
		&coordinationv1.Lease{TypeMeta: typed("coordination.k8s.io/v1", "Lease"), ObjectMeta: named},
		&coordinationv1.Lease{TypeMeta: typed("coordination.k8s.io/v1", "Lease"), ObjectMeta: named, Spec: coordinationv1.LeaseSpec{
			HolderIdentity: pointerTo(""), LeaseDurationSeconds: pointerTo(int32(15)), LeaseTransitions: pointerTo(int32(0)),
			AcquireTime: pointerTo(metav1.NewMicroTime(moment)), RenewTime: pointerTo(metav1.NewMicroTime(moment.Add(time.Microsecond))),
			Strategy: pointerTo(coordinationv1.OldestEmulationVersion), PreferredHolder: pointerTo("h"),
		}},
		&authenticationv1.SelfSubjectReview{TypeMeta: typed("authentication.k8s.io/v1", "SelfSubjectReview")},
		&authenticationv1.TokenReview{
			TypeMeta: typed("authentication.k8s.io/v1", "TokenReview"), Spec: authenticationv1.TokenReviewSpec{Token: "t", Audiences: []string{"a", ""}},
		},
		&authenticationv1.TokenRequest{TypeMeta: typed("authentication.k8s.io/v1", "TokenRequest")},
		&authenticationv1.TokenRequest{
			TypeMeta: typed("authentication.k8s.io/v1", "TokenRequest"), ObjectMeta: named,
			Spec: authenticationv1.TokenRequestSpec{
				Audiences: []string{"a", "b"}, ExpirationSeconds: pointerTo(int64(600)),
				BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Secret", APIVersion: "v1", Name: "n", UID: "u"},
			},
		},
		&authorizationv1.SelfSubjectAccessReview{
			TypeMeta: typed("authorization.k8s.io/v1", "SelfSubjectAccessReview"),
			Spec:     authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: attributes},
		},
		&authorizationv1.SelfSubjectAccessReview{
			TypeMeta: typed("authorization.k8s.io/v1", "SelfSubjectAccessReview"),
			Spec: authorizationv1.SelfSubjectAccessReviewSpec{
				NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/healthz", Verb: "get"},
			},
		},
		&authorizationv1.SelfSubjectRulesReview{
			TypeMeta: typed("authorization.k8s.io/v1", "SelfSubjectRulesReview"),
			Spec:     authorizationv1.SelfSubjectRulesReviewSpec{Namespace: "default"},
		},
		&authorizationv1.SubjectAccessReview{
			TypeMeta: typed("authorization.k8s.io/v1", "SubjectAccessReview"),
			Spec: authorizationv1.SubjectAccessReviewSpec{
				ResourceAttributes: attributes, User: "u", Groups: []string{"g", ""}, UID: "i",
				Extra: map[string]authorizationv1.ExtraValue{"scopes": {"a", "b"}},
			},
		},
		&apiextensionsv1.CustomResourceDefinition{TypeMeta: typed("apiextensions.k8s.io/v1", "CustomResourceDefinition"), ObjectMeta: named},
		definition(meta, moment),
		&metav1.DeleteOptions{TypeMeta: typed("v1", "DeleteOptions")},
		&metav1.DeleteOptions{
			TypeMeta: typed("coordination.k8s.io/v1", "DeleteOptions"), GracePeriodSeconds: pointerTo(int64(0)), OrphanDependents: pointerTo(false),
			Preconditions:     &metav1.Preconditions{UID: pointerTo(types.UID("u")), ResourceVersion: pointerTo("")},
			PropagationPolicy: pointerTo(metav1.DeletePropagationForeground), DryRun: []string{"All"},
		},
	}
}

// definition sets every field that there is.
func definition(meta metav1.ObjectMeta, moment time.Time) runtime.Object {
	type props = apiextensionsv1.JSONSchemaProps
	raw := func(text string) apiextensionsv1.JSON { return apiextensionsv1.JSON{Raw: []byte(text)} }
	leaf := props{Type: "string"}
	reason := apiextensionsv1.FieldValueForbidden
	schema := props{
		ID: "i", Schema: "s", Ref: pointerTo("r"), Description: "d", Type: "object", Format: "f", Title: "t", Default: pointerTo(raw(`{"a":[1,null]}`)),
		Maximum: pointerTo(2.5), ExclusiveMaximum: true, Minimum: pointerTo(float64(0)), ExclusiveMinimum: true,
		MaxLength: pointerTo(int64(9)), MinLength: pointerTo(int64(0)), Pattern: "^a", MaxItems: pointerTo(int64(3)), MinItems: pointerTo(int64(0)),
		UniqueItems: true, MultipleOf: pointerTo(-0.5), Enum: []apiextensionsv1.JSON{raw(`"x"`), raw(`1`), raw(`false`)},
		MaxProperties: pointerTo(int64(4)), MinProperties: pointerTo(int64(0)), Required: []string{"a", ""},
		Items: &apiextensionsv1.JSONSchemaPropsOrArray{Schema: &leaf}, AllOf: []props{leaf, {}}, OneOf: []props{leaf}, AnyOf: []props{leaf}, Not: &leaf,
		Properties:           map[string]props{"a": {Items: &apiextensionsv1.JSONSchemaPropsOrArray{JSONSchemas: []props{leaf, {Nullable: true}}}}, "": {}},
		AdditionalProperties: &apiextensionsv1.JSONSchemaPropsOrBool{Schema: &leaf, Allows: true},
		PatternProperties:    map[string]props{"^x": leaf},
		Dependencies:         apiextensionsv1.JSONSchemaDependencies{"a": {Property: []string{"b"}}, "c": {Schema: &leaf}},
		AdditionalItems:      &apiextensionsv1.JSONSchemaPropsOrBool{}, Definitions: apiextensionsv1.JSONSchemaDefinitions{"d": leaf},
		ExternalDocs: &apiextensionsv1.ExternalDocumentation{Description: "e", URL: "u"}, Example: pointerTo(raw(`"ex"`)), Nullable: true,
		XPreserveUnknownFields: pointerTo(false), XEmbeddedResource: true, XIntOrString: true, XListMapKeys: []string{"k"},
		XListType: pointerTo("map"), XMapType: pointerTo("atomic"),
		XValidations: apiextensionsv1.ValidationRules{
			{Rule: "self.a", Message: "m", MessageExpression: "e", Reason: &reason, FieldPath: ".a", OptionalOldSelf: pointerTo(false)}, {},
		},
	}
	names := apiextensionsv1.CustomResourceDefinitionNames{
		Plural: "widgets", Singular: "widget", ShortNames: []string{"w"}, Kind: "Widget", ListKind: "WidgetList", Categories: []string{"all"},
	}
	return &apiextensionsv1.CustomResourceDefinition{
		TypeMeta: typed("apiextensions.k8s.io/v1", "CustomResourceDefinition"), ObjectMeta: meta,
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "example.com", Names: names, Scope: "Namespaced", PreserveUnknownFields: true,
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{
				{Name: "v1", Served: true, Storage: true, Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &schema},
					Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{},
						Scale: &apiextensionsv1.CustomResourceSubresourceScale{SpecReplicasPath: ".a", StatusReplicasPath: ".b", LabelSelectorPath: pointerTo("")}},
					AdditionalPrinterColumns: []apiextensionsv1.CustomResourceColumnDefinition{
						{Name: "n", Type: "string", Format: "f", Description: "d", Priority: 1, JSONPath: ".c"}, {},
					},
					SelectableFields: []apiextensionsv1.SelectableField{{JSONPath: ".d"}}},
				{Name: "v2", Deprecated: true, DeprecationWarning: pointerTo("")},
			},
			Conversion: &apiextensionsv1.CustomResourceConversion{Strategy: "Webhook", Webhook: &apiextensionsv1.WebhookConversion{
				ClientConfig: &apiextensionsv1.WebhookClientConfig{URL: pointerTo("u"), CABundle: []byte{1, 2},
					Service: &apiextensionsv1.ServiceReference{Namespace: "n", Name: "s", Path: pointerTo("/p"), Port: pointerTo(int32(443))}},
				ConversionReviewVersions: []string{"v1"},
			}},
		},
		Status: apiextensionsv1.CustomResourceDefinitionStatus{
			Conditions: []apiextensionsv1.CustomResourceDefinitionCondition{
				{Type: "Established", Status: "True", LastTransitionTime: metav1.NewTime(moment), Reason: "r", Message: "m"}, {},
			},
			AcceptedNames: names, StoredVersions: []string{"v1"},
		},
	}
}
