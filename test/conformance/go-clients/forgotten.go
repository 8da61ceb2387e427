package main

import (
	"fmt"
	"net/http"
	"os"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// For a server whose log has lost its beginning, the namespace default with what was written before.
func forgottenChecks(here *place) []check {
	return []check{
		{"a watch from what is forgotten is told so", func(t *trial) {
			found := must(here.typed.CoreV1().ConfigMaps("default").Watch(t, metav1.ListOptions{ResourceVersion: "2"}))
			defer found.Stop()
			event, open := <-found.ResultChan()
			t.that(open && event.Type == watch.Error, "it told %v", event)
			t.refused(apierrors.FromObject(event.Object), apierrors.IsResourceExpired, "too old resource version: 2")
			_, open = <-found.ResultChan()
			t.that(!open, "it goes on")
		}},
		{"an informer whose place is forgotten lists anew, and misses nothing", relists(here)},
	}
}

func relists(here *place) func(*trial) {
	return func(t *trial) {
		config := rest.CopyConfig(here.config)
		late := &latecomer{}
		config.Wrap(func(next http.RoundTripper) http.RoundTripper { late.next = next; return late })
		client := kubernetes.NewForConfigOrDie(config)
		maps := client.CoreV1().ConfigMaps("default")
		informer := informers.NewSharedInformerFactory(client, 0).Core().V1().ConfigMaps().Informer()
		_, mark := here.seen.since(0)
		stop := make(chan struct{})
		defer close(stop)
		go informer.Run(stop)
		t.that(cache.WaitForCacheSync(t.Done(), informer.HasSynced), "it never synced")
		ways := func(way string) int {
			sent, _ := here.seen.since(mark, "GET", "/api/v1/configmaps?")
			count := 0
			for _, each := range sent {
				if wayOf(each.url) == way {
					count++
				}
			}
			return count
		}
		t.eventually("it lists and watches again", func() string {
			if ways("list") == 2 && ways("watch") == 2 {
				return ""
			}
			return fmt.Sprint(ways("list"), " lists and ", ways("watch"), " watches")
		})
		after := fmt.Sprint("after-", os.Getpid())
		must(maps.Create(t, configMap(after), metav1.CreateOptions{}))
		t.eventually("it knows all", func() string {
			listed := must(maps.List(t, metav1.ListOptions{}))
			_, found, _ := informer.GetStore().GetByKey("default/" + after)
			if found && len(informer.GetStore().List()) >= len(listed.Items) {
				return ""
			}
			return fmt.Sprint(len(informer.GetStore().List()), " of ", len(listed.Items))
		})
		t.same("lists", ways("list"), 2)
	}
}

// A latecomer's first watch begins where nothing is remembered any more.
type latecomer struct {
	next    http.RoundTripper
	watches atomic.Int32
}

func (l *latecomer) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	if query.Get("watch") == "" || l.watches.Add(1) > 1 {
		return l.next.RoundTrip(r)
	}
	query.Set("resourceVersion", "2")
	changed := r.Clone(r.Context())
	changed.URL.RawQuery = query.Encode()
	return l.next.RoundTrip(changed)
}
