package main

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"
)

func watchChecks(here *place) []check {
	ns, start := "", ""
	var told []string
	return []check{
		{"a watch from a list's version tells every change once, in order", func(t *trial) {
			ns = here.namespace(t)
			start = storyOfChanges(t, here, ns)
			told = follow(t, here, ns, metav1.ListOptions{ResourceVersion: start}, "ADDED end")
			t.same("events", told, []string{"ADDED a", "ADDED b", "MODIFIED a", "DELETED b", "ADDED b", "ADDED end"})
		}},
		{"watches opened while it is written tell the same", func(t *trial) { watchedLive(t, here, ns) }},
		{"leaving and entering a selection is told as deleted and added", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			from := must(maps.List(t, metav1.ListOptions{})).ResourceVersion
			made := must(maps.Create(t, labelled(configMap("mover"), "in", "yes"), metav1.CreateOptions{}))
			made.Labels["in"] = "no"
			made = must(maps.Update(t, made, metav1.UpdateOptions{}))
			left := made.ResourceVersion
			made.Labels["in"] = "yes"
			must(maps.Update(t, made, metav1.UpdateOptions{}))
			t.must(maps.Delete(t, "mover", metav1.DeleteOptions{}))
			found := must(maps.Watch(t, metav1.ListOptions{ResourceVersion: from, LabelSelector: "in=yes"}))
			defer found.Stop()
			types := []string{}
			for event := range found.ResultChan() {
				object := event.Object.(*corev1.ConfigMap)
				if len(types) == 1 {
					t.same("version of leaving", object.ResourceVersion, left)
				}
				if types = append(types, string(event.Type)); len(types) == 4 {
					break
				}
			}
			t.same("events", types, []string{"ADDED", "DELETED", "ADDED", "DELETED"})
		}},
		{"initial events come in the order of names and end with the marked bookmark", func(t *trial) {
			yes := true
			found := must(here.typed.CoreV1().ConfigMaps(ns).Watch(t, metav1.ListOptions{SendInitialEvents: &yes, AllowWatchBookmarks: true,
				ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}))
			defer found.Stop()
			names := []string{}
			for event := range found.ResultChan() {
				object := must(meta.Accessor(event.Object))
				if event.Type == watch.Bookmark {
					t.same("mark", object.GetAnnotations()[metav1.InitialEventsAnnotationKey], "true")
					t.same("version", object.GetResourceVersion(), must(here.typed.CoreV1().ConfigMaps(ns).List(t, metav1.ListOptions{})).ResourceVersion)
					break
				}
				t.same("type", event.Type, watch.Added)
				names = append(names, object.GetName())
			}
			t.same("names", names, namesOf(must(here.typed.CoreV1().ConfigMaps(ns).List(t, metav1.ListOptions{}))))
			_, err := here.typed.CoreV1().ConfigMaps(ns).Watch(t, metav1.ListOptions{SendInitialEvents: &yes, AllowWatchBookmarks: true})
			t.refused(err, apierrors.IsInvalid, "resourceVersionMatch")
		}},
		{"a watch ends when it asked to, with a bookmark of where it stood", func(t *trial) {
			seconds, began := int64(2), time.Now()
			maps := here.typed.CoreV1().ConfigMaps(ns)
			found := must(maps.Watch(t, metav1.ListOptions{ResourceVersion: start, TimeoutSeconds: &seconds, AllowWatchBookmarks: true,
				FieldSelector: fields.OneTermEqualSelector("metadata.name", "nobody").String()}))
			last := ""
			for event := range found.ResultChan() {
				t.same("type", event.Type, watch.Bookmark)
				last = event.Object.(*corev1.ConfigMap).ResourceVersion
			}
			took := time.Since(began)
			t.that(took > 1900*time.Millisecond && took < 5*time.Second, "it ended after %s", took)
			t.same("version", last, must(maps.List(t, metav1.ListOptions{})).ResourceVersion)
		}},
		{"UntilWithSync and a RetryWatcher wait for a condition", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			selector := fields.OneTermEqualSelector("metadata.name", "awaited").String()
			source := &cache.ListWatch{
				ListFunc:  listing(t, here, ns, selector),
				WatchFunc: watching(t, here, ns, selector),
			}
			go func() {
				time.Sleep(100 * time.Millisecond)
				if _, err := maps.Create(t, configMap("awaited", "done", "no"), metav1.CreateOptions{}); err == nil {
					_, _ = maps.Update(t, configMap("awaited", "done", "yes"), metav1.UpdateOptions{})
				}
			}()
			isDone := func(event watch.Event) (bool, error) {
				return event.Object.(*corev1.ConfigMap).Data["done"] == "yes", nil
			}
			must(toolswatch.UntilWithSync(t, source, &corev1.ConfigMap{}, nil, isDone))
			must(toolswatch.Until(t, start, source, isDone))
		}},
		{"the deprecated watch of one object in the path is served", func(t *trial) {
			text := must(here.typed.CoreV1().RESTClient().Get().AbsPath("/api/v1/watch/namespaces/"+ns+"/configmaps/awaited").
				Param("timeoutSeconds", "1").SetHeader("Accept", "application/json").DoRaw(t))
			t.that(len(text) > 0 && string(text[:15]) == `{"type":"ADDED"`, "it says %s", text)
		}},
	}
}

// storyOfChanges writes a little story and tells the version before it.
func storyOfChanges(t *trial, here *place, ns string) string {
	maps := here.typed.CoreV1().ConfigMaps(ns)
	start := must(maps.List(t, metav1.ListOptions{})).ResourceVersion
	a := must(maps.Create(t, configMap("a"), metav1.CreateOptions{}))
	must(maps.Create(t, configMap("b"), metav1.CreateOptions{}))
	a.Data = map[string]string{"x": "y"}
	must(maps.Update(t, a, metav1.UpdateOptions{}))
	t.must(maps.Delete(t, "b", metav1.DeleteOptions{}))
	must(maps.Create(t, configMap("b"), metav1.CreateOptions{}))
	must(maps.Create(t, configMap("end"), metav1.CreateOptions{}))
	return start
}

// follow collects what a watch tells of ConfigMaps until a certain event; versions must grow.
func follow(t *trial, here *place, ns string, options metav1.ListOptions, until string) []string {
	found := must(here.typed.CoreV1().ConfigMaps(ns).Watch(t, options))
	defer found.Stop()
	told := []string{}
	var last uint64
	for event := range found.ResultChan() {
		object, ok := event.Object.(*corev1.ConfigMap)
		t.that(ok, "an event is %+v", event)
		if object.Name == "kube-root-ca.crt" {
			continue
		}
		version := versionOf(t, object)
		t.that(version > last, "versions do not grow: %d after %d", version, last)
		last = version
		told = append(told, fmt.Sprintf("%s %s", event.Type, object.Name))
		if told[len(told)-1] == until {
			return told
		}
	}
	panic(failed{fmt.Errorf("the watch ended after %v", told)})
}

// watchedLive has writers and watchers at the same time: each watcher is told all that happened after its list.
func watchedLive(t *trial, here *place, ns string) {
	const writes, watchers = 120, 6
	maps := here.typed.CoreV1().ConfigMaps(ns)
	must(maps.Create(t, configMap("live", "n", "0"), metav1.CreateOptions{}))
	failures := make(chan error, watchers+1)
	go func() { failures <- writeNumbers(t, here, ns, writes) }()
	for range watchers {
		go func() { failures <- readNumbers(t, here, ns, writes) }()
	}
	for range watchers + 1 {
		t.must(<-failures)
	}
}

func writeNumbers(t *trial, here *place, ns string, writes int) error {
	for n := 1; n <= writes; n++ {
		if _, err := here.typed.CoreV1().ConfigMaps(ns).Update(t, configMap("live", "n", fmt.Sprint(n)), metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func readNumbers(t *trial, here *place, ns string, last int) error {
	maps := here.typed.CoreV1().ConfigMaps(ns)
	selector := metav1.ListOptions{FieldSelector: "metadata.name=live"}
	found, err := maps.List(t, selector)
	if err != nil {
		return err
	}
	next := 0
	if _, err := fmt.Sscan(found.Items[0].Data["n"], &next); err != nil {
		return err
	}
	selector.ResourceVersion = found.ResourceVersion
	events, err := maps.Watch(t, selector)
	if err != nil {
		return err
	}
	defer events.Stop()
	for next < last {
		event, open := <-events.ResultChan()
		if !open {
			return fmt.Errorf("the watch ended at %d of %d", next, last)
		}
		next++
		if got := event.Object.(*corev1.ConfigMap).Data["n"]; got != fmt.Sprint(next) {
			return fmt.Errorf("expected %d, was told %s", next, got)
		}
	}
	return nil
}
