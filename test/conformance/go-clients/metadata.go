package main

import (
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

func metadataChecks(here *place) []check {
	ns := ""
	return []check{
		{"get and list bring metadata alone", func(t *trial) {
			ns = here.namespace(t)
			must(here.typed.CoreV1().ConfigMaps(ns).Create(t, labelled(configMap("one", "a", "1"), "x", "y"), metav1.CreateOptions{}))
			found := must(here.metadata.Resource(configMaps).Namespace(ns).Get(t, "one", metav1.GetOptions{}))
			t.same("labels", found.Labels, map[string]string{"x": "y"})
			t.that(len(found.ManagedFields) > 0, "managedFields are missing")
			list := must(here.metadata.Resource(configMaps).Namespace(ns).List(t, metav1.ListOptions{LabelSelector: "x=y"}))
			t.that(len(list.Items) == 1 && list.ResourceVersion != "", "the list is %+v", list)
		}},
		{"lists of metadata are paged", func(t *trial) {
			must(here.typed.CoreV1().ConfigMaps(ns).Create(t, configMap("two"), metav1.CreateOptions{}))
			first := must(here.metadata.Resource(configMaps).Namespace(ns).List(t, metav1.ListOptions{Limit: 1}))
			t.that(len(first.Items) == 1 && first.Continue != "", "it is no page: %+v", first.ListMeta)
			second := must(here.metadata.Resource(configMaps).Namespace(ns).List(t, metav1.ListOptions{Limit: 1, Continue: first.Continue}))
			t.same("version", second.ResourceVersion, first.ResourceVersion)
			t.that(second.Items[0].Name != first.Items[0].Name, "the same comes again")
		}},
		{"a watch tells metadata, and bookmarks of its own kind", func(t *trial) {
			yes := true
			events := must(here.metadata.Resource(configMaps).Namespace(ns).Watch(t, metav1.ListOptions{LabelSelector: "x=y", AllowWatchBookmarks: true,
				SendInitialEvents: &yes, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}))
			defer events.Stop()
			types := []watch.EventType{}
			for event := range events.ResultChan() {
				object, ok := event.Object.(*metav1.PartialObjectMetadata)
				t.that(ok, "an event is %T", event.Object)
				if types = append(types, event.Type); event.Type == watch.Bookmark {
					t.must(here.metadata.Resource(configMaps).Namespace(ns).Delete(t, "one", metav1.DeleteOptions{}))
				}
				if event.Type == watch.Deleted {
					t.same("name", object.Name, "one")
					break
				}
			}
			t.same("events", types, []watch.EventType{watch.Added, watch.Bookmark, watch.Deleted})
		}},
		{"metadata is patched, and the object keeps the rest", func(t *trial) {
			bins := here.dynamic.Resource(httpBins).Namespace(ns)
			must(bins.Create(t, httpBin("web"), metav1.CreateOptions{}))
			found := must(here.metadata.Resource(httpBins).Namespace(ns).Patch(t, "web", types.MergePatchType, []byte(`{"metadata":{"annotations":{"a":"b"}}}`), metav1.PatchOptions{}))
			t.same("annotation", found.Annotations["a"], "b")
			whole := must(bins.Get(t, "web", metav1.GetOptions{}))
			t.that(whole.Object["spec"].(map[string]any)["region"] == "eu-west", "the spec is %v", whole.Object["spec"])
		}},
		{"collections are deleted by it, as garbage collectors do", func(t *trial) {
			bins := here.metadata.Resource(httpBins).Namespace(ns)
			t.must(bins.DeleteCollection(t, metav1.DeleteOptions{}, metav1.ListOptions{}))
			t.eventually("they are gone", func() string {
				_, err := bins.Get(t, "web", metav1.GetOptions{})
				if apierrors.IsNotFound(err) {
					return ""
				}
				return "it is there " + textOf(err)
			})
			t.that(!slices.Contains(namesOf(must(bins.List(t, metav1.ListOptions{}))), "web"), "it is listed")
		}},
	}
}
