package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	publishFinalizer = "example.com/publish"
	publishedBy      = "example.com/published-by"
	conditionType    = "Published"
)

// A publisher writes the address of each HttpBin into a ConfigMap of the HttpBin's.
type publisher struct {
	client.Client
	withdrawn atomic.Int64
}

func (p *publisher) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	bin := httpBin("")
	if err := p.Get(ctx, request.NamespacedName, bin); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !bin.GetDeletionTimestamp().IsZero() {
		return ctrl.Result{}, p.withdraw(ctx, bin)
	}
	if controllerutil.AddFinalizer(bin, publishFinalizer) {
		return ctrl.Result{}, p.Update(ctx, bin)
	}
	url, _, _ := unstructured.NestedString(bin.Object, "status", "url")
	if url == "" {
		return ctrl.Result{}, nil
	}
	address := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: bin.GetNamespace(), Name: bin.GetName() + "-address"}}
	_, err := controllerutil.CreateOrUpdate(ctx, p.Client, address, func() error {
		metav1.SetMetaDataLabel(&address.ObjectMeta, publishedBy, "operator")
		region, _, _ := unstructured.NestedString(bin.Object, "spec", "region")
		address.Data = map[string]string{"url": url, "region": region}
		return controllerutil.SetControllerReference(bin, address, p.Scheme())
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, p.tellPublished(ctx, bin)
}

func (p *publisher) withdraw(ctx context.Context, bin *unstructured.Unstructured) error {
	if !controllerutil.RemoveFinalizer(bin, publishFinalizer) {
		return nil
	}
	address := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: bin.GetNamespace(), Name: bin.GetName() + "-address"}}
	if err := client.IgnoreNotFound(p.Delete(ctx, address)); err != nil {
		return err
	}
	// The cache may not know yet that the finalizer is gone: then this is a conflict, and told again.
	err := p.Update(ctx, bin)
	if err == nil {
		p.withdrawn.Add(1)
	}
	return err
}

func (p *publisher) tellPublished(ctx context.Context, bin *unstructured.Unstructured) error {
	conditions := must(conditionsOf(bin))
	condition := metav1.Condition{Type: conditionType, Status: metav1.ConditionTrue, Reason: "Written", Message: "the address is in a ConfigMap", ObservedGeneration: bin.GetGeneration()}
	if !meta.SetStatusCondition(&conditions, condition) {
		return nil
	}
	before := bin.DeepCopy()
	list := []any{}
	for at := range conditions {
		list = append(list, must(runtime.DefaultUnstructuredConverter.ToUnstructured(&conditions[at])))
	}
	if err := unstructured.SetNestedSlice(bin.Object, list, "status", "conditions"); err != nil {
		return err
	}
	return p.Status().Patch(ctx, bin, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

func conditionsOf(object *unstructured.Unstructured) ([]metav1.Condition, error) {
	holder := struct {
		Status struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}{}
	err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &holder)
	return holder.Status.Conditions, err
}

func operatorChecks(here *place) []check {
	ns := ""
	var at *operating
	return []check{
		{"a manager starts: it is elected, its caches fill by selectors", func(t *trial) {
			log.SetLogger(logr.Discard())
			ns = here.namespace(t)
			at = operate(t, here, ns)
		}},
		{"what is ordered gets a finalizer, an owned object and a condition", func(t *trial) {
			t.must(at.direct.Create(t, binIn(ns, "web")))
			address := at.address(t, "web")
			bin := binIn(ns, "web")
			t.must(at.direct.Get(t, client.ObjectKeyFromObject(bin), bin))
			t.that(controllerutil.ContainsFinalizer(bin, publishFinalizer), "finalizers are %v", bin.GetFinalizers())
			t.that(metav1.IsControlledBy(address, bin), "owners are %+v", address.OwnerReferences)
			at.conditionOf(t, "web", bin.GetGeneration())
		}},
		{"what was changed or deleted by hand is restored", func(t *trial) {
			address := at.address(t, "web")
			wanted := address.Data["url"]
			address.Data["url"] = "http://elsewhere"
			t.must(at.direct.Update(t, address))
			t.eventually("the address is written again", func() string {
				if found := at.address(t, "web").Data["url"]; found != wanted {
					return found
				}
				return ""
			})
			t.must(at.direct.Delete(t, address))
			t.that(at.address(t, "web").UID != address.UID, "it is the same")
		}},
		{"a change of the order is followed", func(t *trial) {
			bin := binIn(ns, "web")
			t.must(at.direct.Patch(t, bin, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"region":"us-east"}}`))))
			t.eventually("the region is published", func() string {
				if found := at.address(t, "web").Data["region"]; found != "us-east" {
					return found
				}
				return ""
			})
			at.conditionOf(t, "web", 2)
		}},
		{"its client reads from caches, typed and of metadata alone", func(t *trial) { at.readsCaches(t, here, ns) }},
		{"what the selectors leave out is not reconciled", func(t *trial) {
			t.must(at.direct.Create(t, binIn(ns, "ignored")))
			t.must(at.direct.Create(t, binIn(ns, "last")))
			at.address(t, "last")
			t.refused(at.direct.Get(t, client.ObjectKey{Namespace: ns, Name: "ignored-address"}, &corev1.ConfigMap{}), apierrors.IsNotFound, "not found")
		}},
		{"a deletion waits for its finalizer", func(t *trial) {
			t.must(at.direct.Delete(t, binIn(ns, "web")))
			t.eventually("it is gone", func() string {
				err := at.direct.Get(t, client.ObjectKey{Namespace: ns, Name: "web"}, binIn(ns, "web"))
				if apierrors.IsNotFound(err) {
					return ""
				}
				return "it is there " + textOf(err)
			})
			t.same("withdrawn", at.reconciler.withdrawn.Load(), int64(1))
			t.refused(at.direct.Get(t, client.ObjectKey{Namespace: ns, Name: "web-address"}, &corev1.ConfigMap{}), apierrors.IsNotFound, "not found")
		}},
		{"a second manager waits, and takes over when the first ends", func(t *trial) {
			first := at
			waiting := make(chan *operating, 1)
			go func() {
				defer func() { _ = recover() }()
				waiting <- operate(t, here, ns)
			}()
			select {
			case <-waiting:
				t.that(false, "both lead")
			case <-time.After(2 * time.Second):
			}
			first.stop()
			t.must(<-first.ended)
			select {
			case at = <-waiting:
			case <-t.Done():
				t.that(false, "nobody took over")
			}
			t.must(at.direct.Create(t, binIn(ns, "next")))
			at.address(t, "next")
			t.must(at.direct.DeleteAllOf(t, binIn(ns, ""), client.InNamespace(ns)))
			t.eventually("all are gone", func() string {
				found := listOfBins()
				t.must(at.direct.List(t, found, client.InNamespace(ns)))
				if len(found.Items) == 0 {
					return ""
				}
				return fmt.Sprint(namesOf(found))
			})
			at.stop()
			t.must(<-at.ended)
		}},
	}
}

func binIn(ns, name string) *unstructured.Unstructured {
	made := httpBin(name)
	made.SetNamespace(ns)
	return made
}

func listOfBins() *unstructured.UnstructuredList {
	return &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": httpBins.GroupVersion().String(), "kind": "HttpBinList"}}
}

// operating is a manager that runs and leads.
type operating struct {
	ns         string
	manager    ctrl.Manager
	reconciler *publisher
	direct     client.Client
	stop       context.CancelFunc
	ended      chan error
}

func operate(t *trial, here *place, ns string) *operating {
	lease, renew, retry := 6*time.Second, 4*time.Second, 500*time.Millisecond
	manager := must(ctrl.NewManager(here.config, ctrl.Options{
		Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		LeaderElection: true, LeaderElectionID: "operator", LeaderElectionNamespace: ns, LeaderElectionReleaseOnCancel: true,
		LeaseDuration: &lease, RenewDeadline: &renew, RetryPeriod: &retry,
		Cache: cache.Options{
			DefaultNamespaces: map[string]cache.Config{ns: {}},
			ByObject: map[client.Object]cache.ByObject{
				&corev1.ConfigMap{}: {Label: labels.SelectorFromSet(labels.Set{publishedBy: "operator"})},
				httpBin(""):         {Field: fields.OneTermNotEqualSelector("metadata.name", "ignored")},
			},
		},
		Client: client.Options{Cache: &client.CacheOptions{Unstructured: true}},
	}))
	at := &operating{ns: ns, manager: manager, reconciler: &publisher{Client: manager.GetClient()}, ended: make(chan error, 1)}
	t.must(startController(manager, at.reconciler))
	at.direct = must(client.New(here.config, client.Options{Scheme: manager.GetScheme()}))
	ctx, cancel := context.WithCancel(context.Background())
	at.stop = cancel
	go func() { at.ended <- manager.Start(ctx) }()
	select {
	case <-manager.Elected():
	case err := <-at.ended:
		t.that(false, "the manager has ended: %v", err)
	case <-t.Done():
		t.that(false, "the manager was not elected")
	}
	return at
}

func startController(manager ctrl.Manager, reconciler *publisher) error {
	twice := true // There are two managers in this process.
	return ctrl.NewControllerManagedBy(manager).For(httpBin("")).Owns(&corev1.ConfigMap{}).Named("publisher").
		WithOptions(controller.Options{SkipNameValidation: &twice}).Complete(reconciler)
}

func (o *operating) address(t *trial, name string) *corev1.ConfigMap {
	found := &corev1.ConfigMap{}
	t.eventually("the address of "+name+" is published", func() string {
		return textOf(o.direct.Get(t, client.ObjectKey{Namespace: o.ns, Name: name + "-address"}, found))
	})
	return found
}

func (o *operating) conditionOf(t *trial, name string, generation int64) {
	bin := binIn(o.ns, name)
	t.eventually("the condition is told", func() string {
		t.must(o.direct.Get(t, client.ObjectKeyFromObject(bin), bin))
		found := meta.FindStatusCondition(must(conditionsOf(bin)), conditionType)
		if found != nil && found.Status == metav1.ConditionTrue && found.ObservedGeneration == generation && !found.LastTransitionTime.IsZero() {
			return ""
		}
		return fmt.Sprintf("%+v", found)
	})
}

func (o *operating) readsCaches(t *trial, here *place, ns string) {
	cached := o.manager.GetClient()
	partial := &metav1.PartialObjectMetadataList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccountList"}}
	t.must(cached.List(t, partial))
	t.that(len(partial.Items) > 0, "no service account is cached")
	t.must(cached.List(t, &corev1.ConfigMapList{}))
	_, mark := here.seen.since(0, "/namespaces/"+ns)
	t.must(cached.List(t, partial))
	maps, bins := &corev1.ConfigMapList{}, listOfBins()
	t.must(cached.List(t, maps))
	t.same("ConfigMaps of the selection", namesOf(maps), []string{"web-address"})
	t.must(cached.List(t, bins))
	t.same("bins", namesOf(bins), []string{"web"})
	sent, _ := here.seen.since(mark, "GET", "limit=")
	t.same("requests", len(sent), 0)
}
