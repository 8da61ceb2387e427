package main

import (
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/util/retry"
)

func httpBin(name string, labels ...string) *unstructured.Unstructured {
	metadata := map[string]any{"name": name}
	if len(labels) > 0 {
		set := map[string]any{}
		for at := 0; at+1 < len(labels); at += 2 {
			set[labels[at]] = labels[at+1]
		}
		metadata["labels"] = set
	}
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": httpBins.GroupVersion().String(), "kind": "HttpBin",
		"metadata": metadata, "spec": map[string]any{"region": "eu-west"}}}
}

func readyOf(object *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, each := range conditions {
		if condition, ok := each.(map[string]any); ok && condition["type"] == "Ready" {
			return fmt.Sprint(condition["status"])
		}
	}
	return "there is no condition Ready"
}

func dynamicChecks(here *place) []check {
	var bins dynamic.ResourceInterface
	ns := ""
	return []check{
		{"a bound kind is created, and delivered: its status says so", func(t *trial) {
			ns = here.namespace(t)
			bins = here.dynamic.Resource(httpBins).Namespace(ns)
			made := must(bins.Create(t, httpBin("web", "app", "web"), metav1.CreateOptions{}))
			t.same("generation", made.GetGeneration(), int64(1))
			t.same("ready at first", readyOf(made), "Unknown")
			events := must(bins.Watch(t, metav1.ListOptions{ResourceVersion: made.GetResourceVersion(), FieldSelector: "metadata.name=web"}))
			defer events.Stop()
			for event := range events.ResultChan() {
				object := event.Object.(*unstructured.Unstructured)
				t.same("type", event.Type, watch.Modified)
				if readyOf(object) == "True" {
					url, _, _ := unstructured.NestedString(object.Object, "status", "url")
					t.that(strings.HasPrefix(url, "http"), "the url is %q", url)
					return
				}
			}
			t.that(false, "the watch ended")
		}},
		{"changes of the spec count generations, those of metadata do not", func(t *trial) {
			patched := must(bins.Patch(t, "web", types.MergePatchType, []byte(`{"spec":{"region":"us-east"}}`), metav1.PatchOptions{}))
			t.same("generation", patched.GetGeneration(), int64(2))
			patched = must(bins.Patch(t, "web", types.JSONPatchType, []byte(`[{"op":"add","path":"/metadata/labels/x","value":"y"}]`), metav1.PatchOptions{}))
			t.same("generation", patched.GetGeneration(), int64(2))
			t.same("labels", patched.GetLabels(), map[string]string{"app": "web", "x": "y"})
		}},
		{"a strategic merge patch is not for it", func(t *trial) {
			_, err := bins.Patch(t, "web", types.StrategicMergePatchType, []byte(`{}`), metav1.PatchOptions{})
			t.refused(err, apierrors.IsUnsupportedMediaType, "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
		}},
		{"status is written by its subresource only", func(t *trial) {
			t.must(retry.RetryOnConflict(retry.DefaultBackoff, func() error {
				found, err := bins.Get(t, "web", metav1.GetOptions{})
				if err != nil {
					return err
				}
				before := found.GetResourceVersion()
				t.must(unstructured.SetNestedField(found.Object, "http://elsewhere", "status", "url"))
				after, err := bins.Update(t, found, metav1.UpdateOptions{})
				if err != nil {
					return err
				}
				t.same("version after a write of nothing else", after.GetResourceVersion(), before)
				after.SetLabels(map[string]string{"lost": "yes"})
				conditions, _, _ := unstructured.NestedSlice(after.Object, "status", "conditions")
				conditions = append(conditions, map[string]any{"type": "Seen", "status": "True", "reason": "Looked", "message": "", "lastTransitionTime": "2026-01-02T03:04:05Z"})
				t.must(unstructured.SetNestedSlice(after.Object, conditions, "status", "conditions"))
				after, err = bins.UpdateStatus(t, after, metav1.UpdateOptions{FieldManager: "looker"})
				if err != nil {
					return err
				}
				t.same("labels", after.GetLabels(), map[string]string{"app": "web", "x": "y"})
				t.that(slices.Contains(managersOf(after), "looker Update status"), "managers are %v", managersOf(after))
				return nil
			}))
		}},
		{"the schema is held: unknown fields, wrong values, in upstream's words", func(t *trial) {
			wrong := httpBin("wrong")
			t.must(unstructured.SetNestedField(wrong.Object, int64(7), "spec", "region"))
			_, err := bins.Create(t, wrong, metav1.CreateOptions{})
			t.refused(err, apierrors.IsInvalid, `spec.region in body must be of type string: "integer"`)
			t.that(apierrors.HasStatusCause(err, metav1.CauseTypeTypeInvalid), "the cause is missing: %v", err)
			odd := httpBin("odd")
			t.must(unstructured.SetNestedField(odd.Object, "x", "spec", "odd"))
			_, err = bins.Create(t, odd, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict})
			t.refused(err, apierrors.IsBadRequest, `unknown field "spec.odd"`)
			made := must(bins.Create(t, odd, metav1.CreateOptions{FieldValidation: metav1.FieldValidationIgnore, DryRun: []string{metav1.DryRunAll}}))
			_, found, _ := unstructured.NestedString(made.Object, "spec", "odd")
			t.that(!found, "what is unknown is kept")
			unversioned := httpBin("web")
			_, err = bins.Update(t, unversioned, metav1.UpdateOptions{})
			t.refused(err, apierrors.IsInvalid, "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update")
		}},
		{"deletecollection by label, and a deletion that waits for the provider", func(t *trial) {
			for at := range 4 {
				must(bins.Create(t, httpBin(fmt.Sprintf("many-%d", at), "half", fmt.Sprint(at%2)), metav1.CreateOptions{}))
			}
			t.must(bins.DeleteCollection(t, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "half=1"}))
			t.eventually("they are gone", func() string {
				left := namesOf(must(bins.List(t, metav1.ListOptions{LabelSelector: "half"})))
				if slices.Equal(left, []string{"many-0", "many-2"}) {
					return ""
				}
				return fmt.Sprint(left)
			})
			t.must(bins.DeleteCollection(t, metav1.DeleteOptions{}, metav1.ListOptions{}))
			t.eventually("all are gone", func() string { return strings.Join(namesOf(must(bins.List(t, metav1.ListOptions{}))), " ") })
		}},
		{"a kind that is not served is not found", func(t *trial) {
			unknown := httpBins
			unknown.Resource = "gizmos"
			_, err := here.dynamic.Resource(unknown).Namespace(ns).List(t, metav1.ListOptions{})
			t.refused(err, apierrors.IsNotFound, "the server could not find the requested resource")
		}},
		{"built-in kinds come as they are served", func(t *trial) {
			maps := here.dynamic.Resource(configMaps).Namespace(ns)
			made := must(maps.Create(t, &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap",
				"metadata": map[string]any{"name": "plain"}, "data": map[string]any{"a": "1"}}}, metav1.CreateOptions{}))
			t.same("kind", made.GetKind(), "ConfigMap")
			found := must(maps.List(t, metav1.ListOptions{LabelSelector: "!none"}))
			t.same("list", found.GetKind()+" "+found.GetAPIVersion(), "ConfigMapList v1")
			all := must(here.dynamic.Resource(configMaps).List(t, metav1.ListOptions{FieldSelector: "metadata.name=plain,metadata.namespace=" + ns}))
			t.same("in all namespaces", len(all.Items), 1)
		}},
	}
}
