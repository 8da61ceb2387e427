package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
)

const watchListFeature = "KUBE_FEATURE_WatchListClient"

// informerChecks run in a process of their own for each way of filling a cache.
func informerChecks(here *place) []check {
	checks := []check{}
	for _, kind := range []string{"typed", "metadata", "dynamic"} {
		var of *following
		checks = append(checks,
			check{"a " + kind + " informer fills its cache in the way it was told to", func(t *trial) { of = filled(t, here, kind) }},
			check{"a " + kind + " informer hears of every change once", func(t *trial) { of.hearsChanges(t, here) }},
			check{"a " + kind + " informer goes on after its connection was torn, and misses nothing", func(t *trial) { of.survivesACut(t, here) }},
		)
	}
	return append(checks, check{"a factory of many kinds fills, follows one selection, and stops", func(t *trial) { factory(t, here) }})
}

// following is an informer and what its handler was told.
type following struct {
	ns       string
	informer cache.SharedIndexInformer
	mutex    sync.Mutex
	added    map[string]int
	changes  []string
	stop     chan struct{}
}

const present = 40

// filled starts an informer over objects that are there, and looks how it got them.
func filled(t *trial, here *place, kind string) *following {
	of := &following{ns: here.namespace(t), added: map[string]int{}, stop: make(chan struct{})}
	for at := range present {
		of.write(t, here, fmt.Sprintf("there-%02d", at), "")
	}
	resource := configMaps
	switch kind {
	case "typed":
		of.informer = informers.NewSharedInformerFactoryWithOptions(here.typed, 0, informers.WithNamespace(of.ns)).Core().V1().ConfigMaps().Informer()
	case "dynamic":
		of.informer = dynamicinformer.NewFilteredDynamicSharedInformerFactory(here.dynamic, 0, of.ns, nil).ForResource(resource).Informer()
	case "metadata":
		of.informer = metadatainformer.NewFilteredSharedInformerFactory(here.metadata, 0, of.ns, nil).ForResource(resource).Informer()
	}
	must(of.informer.AddEventHandler(of.handler()))
	_, mark := here.seen.since(0)
	began := time.Now()
	go of.informer.Run(of.stop)
	t.that(cache.WaitForCacheSync(t.Done(), of.informer.HasSynced), "it never synced")
	t.note("synced after %d ms", time.Since(began).Milliseconds())
	sent, _ := here.seen.since(mark, "GET")
	ways := map[string]bool{}
	for _, each := range sent {
		ways[wayOf(each.url)] = true
	}
	want := map[string]bool{"list": true, "watch": true}
	if os.Getenv(watchListFeature) == "true" {
		want = map[string]bool{"watch with initial events": true}
	}
	t.same("requests", ways, want)
	t.eventually("the handler was told", func() string {
		of.mutex.Lock()
		defer of.mutex.Unlock()
		if len(of.added) >= present {
			return ""
		}
		return fmt.Sprint(len(of.added))
	})
	of.agrees(t, here)
	return of
}

func wayOf(url string) string {
	switch {
	case strings.Contains(url, "sendInitialEvents=true"):
		return "watch with initial events"
	case strings.Contains(url, "watch="):
		return "watch"
	}
	return "list"
}

func (of *following) handler() cache.ResourceEventHandler {
	record := func(what string, object any) {
		of.mutex.Lock()
		defer of.mutex.Unlock()
		if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object, what = gone.Obj, what+" (found out late)"
		}
		name := object.(metav1.Object).GetName()
		if what == "add" {
			of.added[name]++
		}
		if !strings.HasPrefix(name, "there-") && name != "kube-root-ca.crt" {
			of.changes = append(of.changes, what+" "+name)
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { record("add", object) },
		UpdateFunc: func(_, object any) { record("update", object) },
		DeleteFunc: func(object any) { record("delete", object) },
	}
}

// write makes or changes one, and with "delete" takes it away.
func (of *following) write(t *trial, here *place, name, what string) {
	maps := here.typed.CoreV1().ConfigMaps(of.ns)
	switch what {
	case "":
		must(maps.Create(t, configMap(name), metav1.CreateOptions{}))
	case "delete":
		t.must(maps.Delete(t, name, metav1.DeleteOptions{}))
	default:
		must(maps.Update(t, configMap(name, "is", what), metav1.UpdateOptions{}))
	}
}

func (of *following) heard(t *trial, want ...string) {
	t.eventually("the handler hears", func() string {
		of.mutex.Lock()
		defer of.mutex.Unlock()
		if slices.Equal(of.changes, want) {
			return ""
		}
		return fmt.Sprintf("%v instead of %v", of.changes, want)
	})
	of.mutex.Lock()
	defer of.mutex.Unlock()
	of.changes = nil
}

func (of *following) hearsChanges(t *trial, here *place) {
	of.write(t, here, "a", "")
	of.write(t, here, "a", "changed")
	of.write(t, here, "b", "")
	of.write(t, here, "a", "delete")
	of.write(t, here, "a", "")
	of.heard(t, "add a", "update a", "add b", "delete a", "add a")
	failures := make(chan error, 8)
	for writer := range cap(failures) {
		go func() {
			maps := here.typed.CoreV1().ConfigMaps(of.ns)
			for at := range 15 {
				name := fmt.Sprintf("there-%02d", (writer*5+at)%present)
				if _, err := maps.Update(t, configMap(name, "by", fmt.Sprint(writer, at)), metav1.UpdateOptions{}); err != nil {
					failures <- err
					return
				}
			}
			failures <- nil
		}()
	}
	for range cap(failures) {
		t.must(<-failures)
	}
	of.agrees(t, here)
}

// agrees waits until the cache is what a list shows.
func (of *following) agrees(t *trial, here *place) {
	want := map[string]string{}
	for _, each := range must(here.typed.CoreV1().ConfigMaps(of.ns).List(t, metav1.ListOptions{})).Items {
		want[each.Name] = each.ResourceVersion
	}
	t.eventually("the cache is what the list shows", func() string {
		for _, each := range of.informer.GetStore().List() {
			object := each.(metav1.Object)
			if want[object.GetName()] != object.GetResourceVersion() {
				return fmt.Sprintf("%s is at %s, not %s", object.GetName(), object.GetResourceVersion(), want[object.GetName()])
			}
		}
		if found := len(of.informer.GetStore().List()); found != len(want) {
			return fmt.Sprintf("%d objects, not %d", found, len(want))
		}
		return ""
	})
}

// survivesACut writes while the informer has no connection. What fails then is written again.
func (of *following) survivesACut(t *trial, here *place) {
	other := newPlace(here.base)
	torn := here.wires.cut()
	t.that(torn > 0, "there was no connection to tear")
	of.write(t, other, "during", "")
	of.write(t, other, "during", "changed")
	of.write(t, other, "b", "delete")
	here.wires.mend()
	of.heard(t, "add during", "update during", "delete b")
	of.agrees(t, other)
	for name, times := range of.added {
		t.that(times == 1 || name == "a", "%s was added %d times", name, times)
	}
	close(of.stop)
	t.eventually("it stops", func() string {
		if of.informer.IsStopped() {
			return ""
		}
		return "it runs"
	})
}

func factory(t *trial, here *place) {
	ns := here.namespace(t)
	maps := here.typed.CoreV1().ConfigMaps(ns)
	made := must(maps.Create(t, labelled(configMap("in"), "chosen", "yes"), metav1.CreateOptions{}))
	must(maps.Create(t, configMap("out"), metav1.CreateOptions{}))
	chosen := informers.WithTweakListOptions(func(options *metav1.ListOptions) { options.LabelSelector = "chosen=yes" })
	made.Labels = nil
	of := informers.NewSharedInformerFactoryWithOptions(here.typed, 0, informers.WithNamespace(ns), chosen)
	lister := of.Core().V1().ConfigMaps().Lister()
	of.Core().V1().ServiceAccounts().Informer()
	of.Coordination().V1().Leases().Informer()
	of.Rbac().V1().Roles().Informer()
	of.Events().V1().Events().Informer()
	stop := make(chan struct{})
	of.Start(stop)
	for kind, synced := range of.WaitForCacheSync(t.Done()) {
		t.that(synced, "%s never synced", kind)
	}
	t.same("chosen", len(must(lister.List(labels.Everything()))), 1)
	must(maps.Update(t, made, metav1.UpdateOptions{}))
	t.eventually("what is no longer chosen leaves the cache", func() string {
		found := must(lister.List(labels.Everything()))
		if len(found) == 0 {
			return ""
		}
		return fmt.Sprint(len(found))
	})
	close(stop)
	of.Shutdown()
}
