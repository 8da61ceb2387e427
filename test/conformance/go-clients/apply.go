package main

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	coordinationac "k8s.io/client-go/applyconfigurations/coordination/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"
	metaac "k8s.io/client-go/applyconfigurations/meta/v1"
	rbacac "k8s.io/client-go/applyconfigurations/rbac/v1"
	"k8s.io/client-go/util/csaupgrade"
)

func applyChecks(here *place) []check {
	ns := ""
	as := func(manager string) metav1.ApplyOptions { return metav1.ApplyOptions{FieldManager: manager} }
	return []check{
		{"applying creates, and applying the same again changes nothing", func(t *trial) {
			ns = here.namespace(t)
			wanted := coreac.ConfigMap("applied", ns).WithData(map[string]string{"a": "1", "b": "2"}).WithLabels(map[string]string{"x": "y"})
			made := must(here.typed.CoreV1().ConfigMaps(ns).Apply(t, wanted, as("first")))
			t.same("data", made.Data, wanted.Data)
			again := must(here.typed.CoreV1().ConfigMaps(ns).Apply(t, wanted, as("first")))
			t.same("again", again, made)
			t.same("managers", managersOf(again), []string{"first Apply"})
		}},
		{"another applier of another value gets a conflict that names field and manager", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			wanted := coreac.ConfigMap("applied", ns).WithData(map[string]string{"a": "other"})
			_, err := maps.Apply(t, wanted, as("second"))
			t.refused(err, apierrors.IsConflict, `Apply failed with 1 conflict: conflict with "first": .data.a`)
			t.that(apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict), "the cause is missing: %v", err)
			forced := must(maps.Apply(t, wanted, metav1.ApplyOptions{FieldManager: "second", Force: true}))
			t.same("data", forced.Data, map[string]string{"a": "other", "b": "2"})
			_, err = maps.Apply(t, coreac.ConfigMap("applied", ns).WithData(map[string]string{"a": "1", "b": "2"}), as("first"))
			t.refused(err, apierrors.IsConflict, `conflict with "second"`)
		}},
		{"what an applier leaves out goes, unless another owns it too", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			must(maps.Apply(t, coreac.ConfigMap("applied", ns).WithData(map[string]string{"b": "2", "c": "3"}), as("third")))
			found := must(maps.Apply(t, coreac.ConfigMap("applied", ns).WithData(map[string]string{"c": "3"}), as("first")))
			t.same("data", found.Data, map[string]string{"a": "other", "b": "2", "c": "3"})
			t.same("label", len(found.Labels), 0)
			found = must(maps.Apply(t, coreac.ConfigMap("applied", ns), as("third")))
			t.same("data", found.Data, map[string]string{"a": "other", "c": "3"})
		}},
		{"extracting gives back what was applied, to change and apply again", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			own := must(coreac.ExtractConfigMap(must(maps.Get(t, "applied", metav1.GetOptions{})), "second"))
			t.same("own", own.Data, map[string]string{"a": "other"})
			found := must(maps.Apply(t, own.WithData(map[string]string{"d": "4"}), as("second")))
			t.same("data", found.Data, map[string]string{"a": "other", "c": "3", "d": "4"})
		}},
		{"an update takes over the fields that it changes", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			found := must(maps.Get(t, "applied", metav1.GetOptions{}))
			found.Data["c"] = "updated"
			found = must(maps.Update(t, found, metav1.UpdateOptions{FieldManager: "updater"}))
			t.that(slices.Contains(managersOf(found), "updater Update"), "managers are %v", managersOf(found))
			_, err := maps.Apply(t, coreac.ConfigMap("applied", ns).WithData(map[string]string{"c": "3"}), as("first"))
			t.refused(err, apierrors.IsConflict, `conflict with "updater" using v1: .data.c`)
		}},
		{"roles, bindings, service accounts, leases, namespaces are applied", func(t *trial) { applyOthers(t, here, ns, as("first")) }},
		{"owner references and finalizers of two appliers are merged", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			owner := must(maps.Get(t, "applied", metav1.GetOptions{}))
			reference := metaac.OwnerReference().WithAPIVersion("v1").WithKind("ConfigMap").WithName(owner.Name).WithUID(owner.UID)
			must(maps.Apply(t, coreac.ConfigMap("child", ns).WithOwnerReferences(reference).WithFinalizers("example.com/a"), as("first")))
			found := must(maps.Apply(t, coreac.ConfigMap("child", ns).WithFinalizers("example.com/b"), as("second")))
			t.same("finalizers", found.Finalizers, []string{"example.com/a", "example.com/b"})
			t.same("owners", len(found.OwnerReferences), 1)
			found = must(maps.Apply(t, coreac.ConfigMap("child", ns).WithOwnerReferences(reference), as("first")))
			t.same("finalizers", found.Finalizers, []string{"example.com/b"})
			must(maps.Apply(t, coreac.ConfigMap("child", ns), as("second")))
		}},
		{"the dynamic client applies a bound kind, with conflicts, force and its status", func(t *trial) { applyDynamic(t, here, ns) }},
		{"an object of client-side apply is brought over", func(t *trial) { applyMigrated(t, here, ns) }},
		{"an apply with a wrong field or without a manager is refused", func(t *trial) {
			maps := here.dynamic.Resource(configMaps).Namespace(ns)
			wrong := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "wrong"}, "datum": "x"}}
			_, err := maps.Apply(t, "wrong", wrong, as("first"))
			t.that(err != nil, "an unknown field was applied")
			t.note("%s", err)
			_, err = maps.Patch(t, "wrong", types.ApplyPatchType, []byte(`{"apiVersion":"v1","kind":"ConfigMap"}`), metav1.PatchOptions{})
			t.refused(err, apierrors.IsInvalid, "fieldManager: Required value: is required for apply patch")
		}},
	}
}

func applyOthers(t *trial, here *place, ns string, options metav1.ApplyOptions) {
	rule := rbacac.PolicyRule().WithAPIGroups("").WithResources("configmaps").WithVerbs("get", "list")
	role := must(here.typed.RbacV1().Roles(ns).Apply(t, rbacac.Role("applied", ns).WithRules(rule), options))
	t.same("rules", role.Rules[0].Verbs, []string{"get", "list"})
	subject := rbacac.Subject().WithKind("User").WithAPIGroup("rbac.authorization.k8s.io").WithName("ann")
	reference := rbacac.RoleRef().WithAPIGroup("rbac.authorization.k8s.io").WithKind("Role").WithName("applied")
	must(here.typed.RbacV1().RoleBindings(ns).Apply(t, rbacac.RoleBinding("applied", ns).WithSubjects(subject).WithRoleRef(reference), options))
	must(here.typed.RbacV1().ClusterRoles().Apply(t, rbacac.ClusterRole("applied-"+ns).WithRules(rule), options))
	must(here.typed.CoreV1().ServiceAccounts(ns).Apply(t, coreac.ServiceAccount("applied", ns).WithImagePullSecrets(coreac.LocalObjectReference().WithName("pull")), options))
	lease := coordinationac.Lease("applied", ns).WithSpec(coordinationac.LeaseSpec().WithHolderIdentity("me").WithLeaseDurationSeconds(15))
	t.same("holder", *must(here.typed.CoordinationV1().Leases(ns).Apply(t, lease, options)).Spec.HolderIdentity, "me")
	found := must(here.typed.CoreV1().Namespaces().Apply(t, coreac.Namespace(ns).WithLabels(map[string]string{"team": "a"}), options))
	t.same("phase", found.Status.Phase, corev1.NamespaceActive)
	t.must(here.typed.RbacV1().ClusterRoles().Delete(t, "applied-"+ns, metav1.DeleteOptions{}))
}

func applyDynamic(t *trial, here *place, ns string) {
	client := here.dynamic.Resource(httpBins).Namespace(ns)
	wanted := func(spec map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": httpBins.GroupVersion().String(), "kind": "HttpBin",
			"metadata": map[string]any{"name": "applied"}, "spec": spec}}
	}
	made := must(client.Apply(t, "applied", wanted(map[string]any{"region": "eu-west"}), metav1.ApplyOptions{FieldManager: "first"}))
	t.that(slices.Contains(managersOf(made), "first Apply"), "managers are %v", managersOf(made))
	_, err := client.Apply(t, "applied", wanted(map[string]any{"region": "us-east"}), metav1.ApplyOptions{FieldManager: "second"})
	t.refused(err, apierrors.IsConflict, `conflict with "first": .spec.region`)
	forced := must(client.Apply(t, "applied", wanted(map[string]any{"region": "us-east"}), metav1.ApplyOptions{FieldManager: "second", Force: true}))
	t.same("generation", forced.GetGeneration(), int64(2))
	condition := map[string]any{"type": "Seen", "status": "True", "reason": "Looked", "message": "", "lastTransitionTime": "2026-01-02T03:04:05Z"}
	status := wanted(nil)
	delete(status.Object, "spec")
	status.Object["status"] = map[string]any{"conditions": []any{condition}}
	reported := must(client.ApplyStatus(t, "applied", status, metav1.ApplyOptions{FieldManager: "looker"}))
	t.that(slices.Contains(managersOf(reported), "looker Apply status"), "managers are %v", managersOf(reported))
	t.must(client.Delete(t, "applied", metav1.DeleteOptions{}))
}

// applyMigrated goes kubectl's and Helm's way: what an updater owned becomes the applier's.
func applyMigrated(t *trial, here *place, ns string) {
	maps := here.typed.CoreV1().ConfigMaps(ns)
	made := must(maps.Create(t, configMap("old", "a", "1", "b", "2"), metav1.CreateOptions{FieldManager: "kubectl-client-side-apply"}))
	patch := must(csaupgrade.UpgradeManagedFieldsPatch(made, sets.New("kubectl-client-side-apply"), "kubectl"))
	moved := must(maps.Patch(t, "old", types.JSONPatchType, patch, metav1.PatchOptions{}))
	t.same("managers", managersOf(moved), []string{"kubectl Apply"})
	found := must(maps.Apply(t, coreac.ConfigMap("old", ns).WithData(map[string]string{"a": "1"}), metav1.ApplyOptions{FieldManager: "kubectl"}))
	t.same("data", fmt.Sprint(found.Data), "map[a:1]")
}
