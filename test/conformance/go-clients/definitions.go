package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsclient "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/tools/cache"
	ctrl "sigs.k8s.io/controller-runtime"
	ctrlcache "sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

func definitionChecks(here *place) []check {
	ns := ""
	var direct client.Client
	var stop context.CancelFunc
	var ended chan error
	options := func() envtest.CRDInstallOptions {
		return envtest.CRDInstallOptions{Scheme: widgetScheme(), CRDs: []*apiextensionsv1.CustomResourceDefinition{widgetDefinition()}, MaxTime: 20 * time.Second, PollInterval: 50 * time.Millisecond}
	}
	return []check{
		{"envtest installs a definition and finds it served", func(t *trial) {
			log.SetLogger(logr.Discard())
			ns = here.namespace(t)
			must(envtest.InstallCRDs(here.config, options()))
			found := must(apiextensionsclient.NewForConfigOrDie(here.config).ApiextensionsV1().CustomResourceDefinitions().Get(t, widgetDefinition().Name, metav1.GetOptions{}))
			t.same("accepted names", found.Status.AcceptedNames.Kind, "Widget")
			t.same("stored versions", found.Status.StoredVersions, []string{"v1"})
			direct = must(client.New(here.config, client.Options{Scheme: widgetScheme()}))
		}},
		{"the typed clientset sends definitions in protobuf, and they come back whole", func(t *trial) {
			definitions := apiextensionsclient.NewForConfigOrDie(here.config).ApiextensionsV1().CustomResourceDefinitions()
			made := widgetDefinition()
			made.Name = "gadgets." + made.Spec.Group
			made.Spec.Names = apiextensionsv1.CustomResourceDefinitionNames{Plural: "gadgets", Singular: "gadget", Kind: "Gadget", ListKind: "GadgetList"}
			_, mark := here.seen.since(0)
			created := must(definitions.Create(t, made, metav1.CreateOptions{}))
			sent, _ := here.seen.since(mark, "POST", protobuf)
			t.note("%d of its requests in protobuf", len(sent))
			made.Spec.Conversion = created.Spec.Conversion
			t.same("spec", created.Spec, made.Spec)
			t.must(definitions.Delete(t, made.Name, metav1.DeleteOptions{}))
		}},
		{"objects are defaulted, validated, judged by rules", func(t *trial) { validated(t, direct, ns) }},
		{"every served version shows the object", func(t *trial) {
			old := here.dynamic.Resource(widgetsResource.GroupResource().WithVersion("v1beta1")).Namespace(ns)
			found := must(old.Get(t, "good", metav1.GetOptions{}))
			t.same("version", found.GetAPIVersion(), "gophers.example.com/v1beta1")
			must(old.Patch(t, "good", types.MergePatchType, []byte(`{"spec":{"color":"green"}}`), metav1.PatchOptions{}))
			now := &Widget{}
			t.must(direct.Get(t, client.ObjectKey{Namespace: ns, Name: "good"}, now))
			t.same("color", now.Spec.Color, "green")
		}},
		{"fields that may be selected select, in lists and watches", func(t *trial) {
			t.must(direct.Create(t, widget(ns, "blue", "blue")))
			found := &WidgetList{}
			t.must(direct.List(t, found, client.InNamespace(ns), client.MatchingFieldsSelector{Selector: fields.OneTermEqualSelector("spec.color", "blue")}))
			t.same("names", namesOf(found), []string{"blue"})
			events := must(here.dynamic.Resource(widgetsResource).Namespace(ns).Watch(t, metav1.ListOptions{FieldSelector: "spec.color=blue"}))
			defer events.Stop()
			t.same("first", string((<-events.ResultChan()).Type), "ADDED")
			t.must(direct.Patch(t, widget(ns, "blue", ""), client.RawPatch(types.MergePatchType, []byte(`{"spec":{"color":"red"}}`))))
			t.same("then", string((<-events.ResultChan()).Type), "DELETED")
		}},
		{"the scale client reads and sets replicas", func(t *trial) {
			client := discovery.NewDiscoveryClientForConfigOrDie(here.config)
			mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client))
			scales := must(scale.NewForConfig(here.config, mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(client))).Scales(ns)
			found := must(scales.Get(t, widgetsResource.GroupResource(), "good", metav1.GetOptions{}))
			t.same("replicas", found.Spec.Replicas, int32(1))
			found.Spec.Replicas = 3
			t.same("set", must(scales.Update(t, widgetsResource.GroupResource(), found, metav1.UpdateOptions{})).Spec.Replicas, int32(3))
			found = must(scales.Patch(t, widgetsResource, "good", types.MergePatchType, []byte(`{"spec":{"replicas":4}}`), metav1.PatchOptions{}))
			t.same("patched", found.Spec.Replicas, int32(4))
			whole := &Widget{}
			t.must(direct.Get(t, ctrlKey(ns, "good"), whole))
			t.same("in the object", *whole.Spec.Replicas, int32(4))
		}},
		{"an informer goes on when its definition changes", func(t *trial) { definitionChanged(t, here, ns) }},
		{"an operator of typed objects reconciles: defaults, owned objects, status, conditions", func(t *trial) {
			stop, ended = operateWidgets(t, here, ns)
			t.must(direct.Create(t, widget(ns, "run", "red")))
			widgetReady(t, direct, ns, "run", 1, 1)
			t.must(direct.Patch(t, widget(ns, "run", ""), client.RawPatch(types.MergePatchType, []byte(`{"spec":{"replicas":2}}`))))
			widgetReady(t, direct, ns, "run", 2, 2)
		}},
		{"deleting an owner runs its finalizer and collects what it owns", func(t *trial) {
			owned := partOf(ns, "run", 0)
			t.must(direct.Get(t, client.ObjectKeyFromObject(owned), owned))
			t.must(direct.Delete(t, widget(ns, "run", ""), client.PropagationPolicy(metav1.DeletePropagationForeground)))
			t.eventually("owner and owned are gone", func() string {
				for _, each := range []client.Object{widget(ns, "run", ""), partOf(ns, "run", 0), partOf(ns, "run", 1)} {
					if err := direct.Get(t, client.ObjectKeyFromObject(each), each); !apierrors.IsNotFound(err) {
						return each.GetName() + " is there " + textOf(err)
					}
				}
				return ""
			})
		}},
		{"deleting the definition takes its objects along, and discovery forgets it", func(t *trial) {
			t.must(envtest.UninstallCRDs(here.config, options()))
			// The operator takes its finalizers away.
			t.eventually("it is not discovered", func() string {
				_, err := discovery.NewDiscoveryClientForConfigOrDie(here.config).ServerResourcesForGroupVersion(widgetsVersion.String())
				if apierrors.IsNotFound(err) {
					return ""
				}
				return "it is " + textOf(err)
			})
			stop()
			t.must(<-ended)
			_, err := here.dynamic.Resource(widgetsResource).Namespace(ns).List(t, metav1.ListOptions{})
			t.refused(err, apierrors.IsNotFound, "the server could not find the requested resource")
			must(envtest.InstallCRDs(here.config, options()))
			t.same("objects after another install", len(must(here.dynamic.Resource(widgetsResource).List(t, metav1.ListOptions{})).Items), 0)
			t.must(envtest.UninstallCRDs(here.config, options()))
		}},
	}
}

func ctrlKey(ns, name string) client.ObjectKey { return client.ObjectKey{Namespace: ns, Name: name} }

func validated(t *trial, direct client.Client, ns string) {
	size := intstr.FromString("10%")
	good := widget(ns, "good", "red")
	good.Spec.Size, good.Spec.Owner = &size, "ann"
	good.Spec.Ports = []WidgetPort{{"a", 1}, {"b", 2}}
	t.must(direct.Create(t, good))
	t.that(good.Spec.Replicas != nil && *good.Spec.Replicas == 1 && good.Spec.Limit == 10, "defaults are missing: %+v", good.Spec)
	t.same("generation", good.Generation, int64(1))
	t.refused(direct.Create(t, widget(ns, "bad", "pink")), apierrors.IsInvalid, `spec.color: Unsupported value: "pink": supported values: "red", "green", "blue"`)
	many, twice, other := widget(ns, "many", "red"), widget(ns, "twice", "red"), good.DeepCopyObject().(*Widget)
	eleven := int32(11)
	many.Spec.Replicas = &eleven
	t.refused(direct.Create(t, many), apierrors.IsInvalid, `spec: Invalid value: "object": more replicas than the limit`)
	twice.Spec.Ports = []WidgetPort{{"a", 1}, {"a", 2}}
	t.refused(direct.Create(t, twice), apierrors.IsInvalid, "spec.ports[1]: Duplicate value")
	other.Spec.Owner = "bob"
	t.refused(direct.Update(t, other), apierrors.IsInvalid, "the owner stays")
	pruned := &unstructured.Unstructured{Object: map[string]any{"apiVersion": widgetsVersion.String(), "kind": "Widget",
		"metadata": map[string]any{"name": "pruned", "namespace": ns}, "spec": map[string]any{"color": "red", "odd": "x"}}}
	t.must(direct.Create(t, pruned))
	_, odd, _ := unstructured.NestedString(pruned.Object, "spec", "odd")
	t.that(!odd, "what the schema does not know is kept")
}

// definitionChanged adds a field to the schema while an informer runs.
func definitionChanged(t *trial, here *place, ns string) {
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(here.dynamic, 0, ns, nil)
	informer := factory.ForResource(widgetsResource).Informer()
	stop := make(chan struct{})
	defer close(stop)
	go informer.Run(stop)
	t.that(cache.WaitForCacheSync(t.Done(), informer.HasSynced), "it never synced")
	patch := `[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/note","value":{"type":"string"}}]`
	must(apiextensionsclient.NewForConfigOrDie(here.config).ApiextensionsV1().CustomResourceDefinitions().
		Patch(t, widgetDefinition().Name, types.JSONPatchType, []byte(patch), metav1.PatchOptions{}))
	bins := here.dynamic.Resource(widgetsResource).Namespace(ns)
	t.eventually("the new field is kept", func() string {
		found := must(bins.Patch(t, "good", types.MergePatchType, []byte(`{"spec":{"note":"kept"}}`), metav1.PatchOptions{}))
		if note, _, _ := unstructured.NestedString(found.Object, "spec", "note"); note == "kept" {
			return ""
		}
		return "it is pruned"
	})
	t.eventually("the informer is told", func() string {
		found, _, _ := informer.GetStore().GetByKey(ns + "/good")
		if note, _, _ := unstructured.NestedString(found.(*unstructured.Unstructured).Object, "spec", "note"); note == "kept" {
			return ""
		}
		return fmt.Sprint(found)
	})
}

// A widgetOperator keeps as many ConfigMaps as a Widget has replicas.
type widgetOperator struct{ client.Client }

const widgetFinalizer = "gophers.example.com/finalizer"

func partOf(ns, name string, at int) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: fmt.Sprintf("%s-part-%d", name, at)}}
}

func (w *widgetOperator) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	found := &Widget{}
	if err := w.Get(ctx, request.NamespacedName, found); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !found.DeletionTimestamp.IsZero() {
		controllerutil.RemoveFinalizer(found, widgetFinalizer)
		return ctrl.Result{}, client.IgnoreNotFound(w.Update(ctx, found))
	}
	if controllerutil.AddFinalizer(found, widgetFinalizer) {
		return ctrl.Result{}, w.Update(ctx, found)
	}
	for at := range int(*found.Spec.Replicas) {
		part := partOf(found.Namespace, found.Name, at)
		_, err := controllerutil.CreateOrPatch(ctx, w.Client, part, func() error {
			part.Data = map[string]string{"color": found.Spec.Color}
			return controllerutil.SetControllerReference(found, part, w.Scheme())
		})
		if err != nil {
			return ctrl.Result{}, err
		}
	}
	found.Status.Replicas, found.Status.ObservedGeneration = *found.Spec.Replicas, found.Generation
	found.Status.Selector = "widget=" + found.Name
	meta.SetStatusCondition(&found.Status.Conditions, metav1.Condition{Type: "Ready", Status: metav1.ConditionTrue, Reason: "Made", Message: "all parts are there", ObservedGeneration: found.Generation})
	return ctrl.Result{}, w.Status().Update(ctx, found)
}

func operateWidgets(t *trial, here *place, ns string) (context.CancelFunc, chan error) {
	twice := true
	manager := must(ctrl.NewManager(here.config, ctrl.Options{Scheme: widgetScheme(), Metrics: server.Options{BindAddress: "0"},
		Cache: ctrlcache.Options{DefaultNamespaces: map[string]ctrlcache.Config{ns: {}}}}))
	t.must(ctrl.NewControllerManagedBy(manager).For(&Widget{}).Owns(&corev1.ConfigMap{}).
		WithOptions(controller.Options{SkipNameValidation: &twice}).Complete(&widgetOperator{manager.GetClient()}))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	return cancel, ended
}

func widgetReady(t *trial, direct client.Client, ns, name string, generation int64, parts int32) {
	found := &Widget{}
	t.eventually("the widget is ready", func() string {
		t.must(direct.Get(t, ctrlKey(ns, name), found))
		if meta.IsStatusConditionTrue(found.Status.Conditions, "Ready") && found.Status.ObservedGeneration == generation && found.Status.Replicas == parts {
			return ""
		}
		return fmt.Sprintf("%+v", found.Status)
	})
	t.same("generation", found.Generation, generation)
	t.that(slices.Contains(managersOf(found), "go-clients Update status"), "managers are %v", managersOf(found))
	for at := range int(parts) {
		part := partOf(ns, name, at)
		t.must(direct.Get(t, client.ObjectKeyFromObject(part), part))
		t.that(metav1.IsControlledBy(part, found), "owners are %+v", part.OwnerReferences)
	}
}
