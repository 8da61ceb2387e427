package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	toolswatch "k8s.io/client-go/tools/watch"
)

var leasesResource = schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}

// restartChecks need someone who restarts the server when asked for it by a line {"waiting": …}, and answers with a line.
func restartChecks(here *place) []check {
	ns := ""
	counted := []*counting{{kind: "ConfigMap", resource: configMaps}, {kind: "Lease", resource: leasesResource}, {kind: "HttpBin", resource: httpBins}}
	leader := &steadyLeader{}
	informed := &informedCount{}
	answers := bufio.NewScanner(os.Stdin)
	checks := []check{
		{"writers, watchers and a leader go through a restart and a crash of the server", func(t *trial) {
			ns = here.namespace(t)
			for _, each := range counted {
				each.begin(t, here, ns)
			}
			informed.begin(t, here, ns)
			leader.begin(t, here, ns)
			for _, what := range []string{"restart", "crash"} {
				for _, each := range counted {
					each.writesMore(t)
				}
				printLine(map[string]string{"waiting": what})
				t.that(answers.Scan(), "nobody restarts the server")
			}
			for _, each := range counted {
				each.writesMore(t)
				each.stop.Store(true)
				t.must(<-each.wrote)
				t.note("%d changes of a %s, %d failures", each.last.Load(), each.kind, each.failures)
			}
		}},
	}
	for _, each := range counted {
		checks = append(checks, check{"a RetryWatcher of a " + each.kind + " saw every change exactly once, in order", each.sawAll})
	}
	return append(checks,
		check{"an informer over the same went on and ends with the last", func(t *trial) { informed.ends(t, counted[0].last.Load()) }},
		check{"the leader still leads", leader.stillLeads},
	)
}

const countAnnotation = "example.com/n"

// counting is an object that one writer counts up, without end, and a RetryWatcher.
type counting struct {
	kind     string
	resource schema.GroupVersionResource
	client   dynamic.ResourceInterface
	watcher  *toolswatch.RetryWatcher
	last     atomic.Int64
	stop     atomic.Bool
	failures int
	wrote    chan error
}

func (c *counting) begin(t *trial, here *place, ns string) {
	c.client = here.dynamic.Resource(c.resource).Namespace(ns)
	made := must(c.client.Create(t, &unstructured.Unstructured{Object: map[string]any{"apiVersion": c.resource.GroupVersion().String(), "kind": c.kind,
		"metadata": map[string]any{"name": "counted", "annotations": map[string]any{countAnnotation: "0"}}}}, metav1.CreateOptions{}))
	selector := metav1.ListOptions{FieldSelector: "metadata.name=counted"}
	source := &cache.ListWatch{WatchFunc: func(options metav1.ListOptions) (watch.Interface, error) {
		options.FieldSelector = selector.FieldSelector
		return c.client.Watch(context.Background(), options)
	}}
	c.watcher = must(toolswatch.NewRetryWatcher(made.GetResourceVersion(), source))
	c.wrote = make(chan error, 1)
	go func() { c.wrote <- c.write(made) }()
}

// write counts up. A write without an answer may have happened or not: the object tells.
func (c *counting) write(at *unstructured.Unstructured) error {
	deadline := time.Now().Add(checkSecondsMax * time.Second)
	for !c.stop.Load() {
		if time.Now().After(deadline) {
			return fmt.Errorf("the server did not come back, or nobody said stop")
		}
		next := at.DeepCopy()
		next.SetAnnotations(map[string]string{countAnnotation: fmt.Sprint(c.last.Load() + 1)})
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		written, err := c.client.Update(ctx, next, metav1.UpdateOptions{})
		cancel()
		if err == nil {
			at = written
			c.last.Add(1)
			time.Sleep(2 * time.Millisecond)
			continue
		}
		// The provider's reports move the object, too.
		if !apierrors.IsConflict(err) {
			c.failures++
			time.Sleep(50 * time.Millisecond)
		}
		if found, err := c.client.Get(context.Background(), "counted", metav1.GetOptions{}); err == nil {
			at = found
			n, err := strconv.ParseInt(found.GetAnnotations()[countAnnotation], 10, 64)
			if err != nil || n < c.last.Load() {
				return fmt.Errorf("%d was answered, but the object says %v: %w", c.last.Load(), found.GetAnnotations(), err)
			}
			c.last.Store(n)
		}
	}
	return nil
}

func (c *counting) writesMore(t *trial) {
	from := c.last.Load()
	t.eventually(c.kind+" is written", func() string {
		if found := c.last.Load(); found < from+30 {
			return fmt.Sprintf("%d, from %d", found, from)
		}
		return ""
	})
}

func (c *counting) sawAll(t *trial) {
	defer c.watcher.Stop()
	next, last, others := int64(1), uint64(0), 0
	for next <= c.last.Load() {
		select {
		case <-t.Done():
			t.that(false, "waited in vain for %d of %d", next, c.last.Load())
		case event, open := <-c.watcher.ResultChan():
			t.that(open && event.Type == watch.Modified, "an event is %+v", event)
			object := event.Object.(*unstructured.Unstructured)
			version := versionOf(t, object)
			t.that(version > last, "version %d after %d", version, last)
			last = version
			n := must(strconv.ParseInt(object.GetAnnotations()[countAnnotation], 10, 64))
			if n == next-1 && c.kind == "HttpBin" {
				others++ // A report of the provider: the count stays.
				continue
			}
			t.same("count", n, next)
			next++
		}
	}
	t.note("%d changes", next-1)
	if others > 0 {
		t.note("%d reports between", others)
	}
}

// informedCount is an informer over the counted ConfigMap.
type informedCount struct {
	last     atomic.Int64
	backward atomic.Int64
}

func (i *informedCount) begin(t *trial, here *place, ns string) {
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(here.dynamic, 0, ns, func(options *metav1.ListOptions) {
		options.FieldSelector = "metadata.name=counted"
	})
	informer := factory.ForResource(configMaps).Informer()
	told := func(object any) {
		n, _ := strconv.ParseInt(object.(*unstructured.Unstructured).GetAnnotations()[countAnnotation], 10, 64)
		if n < i.last.Load() {
			i.backward.Add(1)
		}
		i.last.Store(n)
	}
	must(informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: told, UpdateFunc: func(_, object any) { told(object) }}))
	go informer.Run(make(chan struct{}))
	t.that(cache.WaitForCacheSync(t.Done(), informer.HasSynced), "it never synced")
}

func (i *informedCount) ends(t *trial, last int64) {
	t.eventually("it is told the last", func() string {
		if found := i.last.Load(); found != last {
			return fmt.Sprintf("%d of %d", found, last)
		}
		return ""
	})
	t.same("steps back", i.backward.Load(), int64(0))
}

// steadyLeader leads with a lease that outlasts a restart.
type steadyLeader struct {
	elector *leaderelection.LeaderElector
	lock    resourcelock.Interface
	lost    atomic.Bool
}

func (s *steadyLeader) begin(t *trial, here *place, ns string) {
	own := newPlace(here.base)
	s.lock = must(resourcelock.New(resourcelock.LeasesResourceLock, ns, "steady", own.typed.CoreV1(), own.typed.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: "steady"}))
	leads := make(chan struct{})
	s.elector = must(leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: s.lock, Name: "steady", LeaseDuration: 60 * time.Second, RenewDeadline: 40 * time.Second, RetryPeriod: time.Second,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(leads) },
			OnStoppedLeading: func() { s.lost.Store(true) },
		},
	}))
	go s.elector.Run(context.Background())
	t.within(10*time.Second, "it leads", leads)
}

func (s *steadyLeader) stillLeads(t *trial) {
	from, _, err := s.lock.Get(t)
	t.must(err)
	t.eventually("it renews", func() string {
		now, _, err := s.lock.Get(t)
		if err == nil && now.RenewTime.After(from.RenewTime.Time) {
			return ""
		}
		return fmt.Sprintf("%+v %v", now, err)
	})
	t.that(s.elector.IsLeader() && !s.lost.Load(), "it has lost the lead")
	t.same("transitions", from.LeaderTransitions, 0)
}
