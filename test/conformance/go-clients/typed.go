package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
)

const protobuf = "application/vnd.kubernetes.protobuf"

func typedChecks(here *place) []check {
	ns := ""
	return []check{
		{"a namespace is made active, with its default service account", func(t *trial) {
			ns = here.namespace(t)
			found := must(here.typed.CoreV1().Namespaces().Get(t, ns, metav1.GetOptions{}))
			t.same("phase", found.Status.Phase, corev1.NamespaceActive)
			t.same("label", found.Labels[corev1.LabelMetadataName], ns)
			t.same("finalizers", found.Spec.Finalizers, []corev1.FinalizerName{corev1.FinalizerKubernetes})
			t.eventually("default service account", func() string {
				_, err := here.typed.CoreV1().ServiceAccounts(ns).Get(t, "default", metav1.GetOptions{})
				return textOf(err)
			})
		}},
		{"what is created in protobuf comes back whole", func(t *trial) {
			_, mark := here.seen.since(0)
			made := labelled(configMap("whole", "text", "täxt\n"), "a", "b")
			made.Annotations = map[string]string{"note": "x"}
			made.BinaryData = map[string][]byte{"bytes": {0, 1, 2, 255}}
			created := must(here.typed.CoreV1().ConfigMaps(ns).Create(t, made, metav1.CreateOptions{}))
			sent, _ := here.seen.since(mark, "POST", protobuf)
			t.same("requests in protobuf", len(sent), 1)
			found := must(here.typed.CoreV1().ConfigMaps(ns).Get(t, "whole", metav1.GetOptions{}))
			t.same("what is read", found, created)
			t.same("binary data", found.BinaryData, made.BinaryData)
			t.same("data", found.Data, made.Data)
			t.that(found.UID != "" && !found.CreationTimestamp.IsZero() && found.ResourceVersion != "", "no identity: %+v", found.ObjectMeta)
			t.same("managers", managersOf(found), []string{"go-clients Update"})
		}},
		{"generateName makes names that differ", func(t *trial) {
			names := map[string]bool{}
			for range 5 {
				made := configMap("")
				made.GenerateName = "made-"
				names[must(here.typed.CoreV1().ConfigMaps(ns).Create(t, made, metav1.CreateOptions{})).Name] = true
			}
			t.same("names", len(names), 5)
			for name := range names {
				t.that(strings.HasPrefix(name, "made-") && len(name) == 10, "a name is %s", name)
			}
		}},
		{"refusals are the errors that the library knows", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			_, err := maps.Get(t, "absent", metav1.GetOptions{})
			t.refused(err, apierrors.IsNotFound, `configmaps "absent" not found`)
			_, err = maps.Create(t, configMap("whole"), metav1.CreateOptions{})
			t.refused(err, apierrors.IsAlreadyExists, `configmaps "whole" already exists`)
			_, err = maps.Create(t, configMap("Bad_Name"), metav1.CreateOptions{})
			t.refused(err, apierrors.IsInvalid, `ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value`)
			_, err = here.typed.CoreV1().ConfigMaps("no-such").Create(t, configMap("a"), metav1.CreateOptions{})
			t.refused(err, apierrors.IsNotFound, `namespaces "no-such" not found`)
			stale := must(maps.Get(t, "whole", metav1.GetOptions{}))
			fresh := stale.DeepCopy()
			fresh.Data["more"] = "1"
			must(maps.Update(t, fresh, metav1.UpdateOptions{}))
			stale.Data["more"] = "2"
			_, err = maps.Update(t, stale, metav1.UpdateOptions{})
			t.refused(err, apierrors.IsConflict, "the object has been modified; please apply your changes to the latest version and try again")
			absent := configMap("absent")
			_, err = maps.Update(t, absent, metav1.UpdateOptions{})
			t.refused(err, apierrors.IsNotFound, `configmaps "absent" not found`)
			t.refused(maps.Delete(t, "absent", metav1.DeleteOptions{}), apierrors.IsNotFound, `configmaps "absent" not found`)
			status := apierrors.APIStatus(nil)
			t.that(asStatus(err, &status) && status.Status().Details.Kind == "configmaps" && status.Status().Details.Name == "absent", "details are missing: %v", err)
		}},
		{"an update that changes nothing keeps its resourceVersion", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			found := must(maps.Get(t, "whole", metav1.GetOptions{}))
			t.same("after", must(maps.Update(t, found, metav1.UpdateOptions{})).ResourceVersion, found.ResourceVersion)
		}},
		{"ten writers with RetryOnConflict lose no increment", func(t *trial) { increments(t, here, ns) }},
		{"patches of all kinds that a typed kind knows", func(t *trial) { patches(t, here, ns) }},
		{"a dry run answers as if, and stores nothing", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			made := must(maps.Create(t, configMap("dry", "a", "1"), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}))
			t.that(made.UID != "", "no uid")
			t.same("resourceVersion", made.ResourceVersion, "")
			_, err := maps.Get(t, "dry", metav1.GetOptions{})
			t.refused(err, apierrors.IsNotFound, "not found")
			t.must(maps.Delete(t, "whole", metav1.DeleteOptions{DryRun: []string{metav1.DryRunAll}}))
			must(maps.Get(t, "whole", metav1.GetOptions{}))
		}},
		{"a finalizer holds what is deleted until it is taken away", func(t *trial) { finalizers(t, here, ns) }},
		{"preconditions of a deletion are held", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			made := must(maps.Create(t, configMap("guarded"), metav1.CreateOptions{}))
			other, old := types.UID("11111111-2222-3333-4444-555555555555"), "1"
			err := maps.Delete(t, "guarded", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &other}})
			t.refused(err, apierrors.IsConflict, "the UID in the precondition")
			err = maps.Delete(t, "guarded", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{ResourceVersion: &old}})
			t.refused(err, apierrors.IsConflict, "the ResourceVersion in the precondition")
			t.must(maps.Delete(t, "guarded", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &made.UID, ResourceVersion: &made.ResourceVersion}}))
		}},
		{"deletecollection takes what the selector names, and no more", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			for at := range 6 {
				must(maps.Create(t, labelled(configMap(fmt.Sprintf("many-%d", at)), "even", strconv.FormatBool(at%2 == 0)), metav1.CreateOptions{}))
			}
			t.must(maps.DeleteCollection(t, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "even=true"}))
			left := must(maps.List(t, metav1.ListOptions{LabelSelector: "even"}))
			t.same("left", namesOf(left), []string{"many-1", "many-3", "many-5"})
		}},
		{"selectors by label and field choose", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			t.same("in", namesOf(must(maps.List(t, metav1.ListOptions{LabelSelector: "even in (false),even!=true"}))), []string{"many-1", "many-3", "many-5"})
			t.same("name", namesOf(must(maps.List(t, metav1.ListOptions{FieldSelector: "metadata.name=many-3"}))), []string{"many-3"})
			_, err := maps.List(t, metav1.ListOptions{FieldSelector: "data.x=y"})
			t.refused(err, apierrors.IsBadRequest, `"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"`)
			_, err = maps.List(t, metav1.ListOptions{LabelSelector: "a in ("})
			t.refused(err, apierrors.IsBadRequest, "unable to parse requirement")
		}},
		{"leases keep micro times, and an update needs the resourceVersion", func(t *trial) { leases(t, here, ns) }},
		{"roles and bindings keep every field", func(t *trial) { roles(t, here, ns) }},
		{"a deleted namespace is terminating at once, takes its contents along, and is gone", func(t *trial) {
			must(here.typed.CoreV1().ConfigMaps(ns).Create(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "held", Finalizers: []string{"example.com/hold"}}}, metav1.CreateOptions{}))
			t.must(here.typed.CoreV1().Namespaces().Delete(t, ns, metav1.DeleteOptions{}))
			found := must(here.typed.CoreV1().Namespaces().Get(t, ns, metav1.GetOptions{}))
			t.same("phase", found.Status.Phase, corev1.NamespaceTerminating)
			_, err := here.typed.CoreV1().ConfigMaps(ns).Create(t, configMap("late"), metav1.CreateOptions{})
			t.refused(err, apierrors.IsForbidden, "because it is being terminated")
			t.that(apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause), "the cause is missing: %v", err)
			t.must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
				held, err := here.typed.CoreV1().ConfigMaps(ns).Get(t, "held", metav1.GetOptions{})
				if err != nil {
					return err
				}
				held.Finalizers = nil
				_, err = here.typed.CoreV1().ConfigMaps(ns).Update(t, held, metav1.UpdateOptions{})
				return err
			}))
			t.eventually("the namespace is gone", func() string {
				_, err := here.typed.CoreV1().Namespaces().Get(t, ns, metav1.GetOptions{})
				if apierrors.IsNotFound(err) {
					return ""
				}
				return "it is there"
			})
		}},
	}
}

func increments(t *trial, here *place, ns string) {
	const writers, each = 10, 5
	maps := here.typed.CoreV1().ConfigMaps(ns)
	must(maps.Create(t, configMap("counter", "n", "0"), metav1.CreateOptions{}))
	_, mark := here.seen.since(0)
	patience := retry.DefaultBackoff
	patience.Steps, patience.Duration, patience.Factor = 1000, time.Millisecond, 1
	failures := make(chan error, writers)
	group := sync.WaitGroup{}
	for range writers {
		group.Add(1)
		go func() {
			defer group.Done()
			for range each {
				err := retry.RetryOnConflict(patience, func() error {
					found, err := maps.Get(t, "counter", metav1.GetOptions{})
					if err != nil {
						return err
					}
					n, err := strconv.Atoi(found.Data["n"])
					if err != nil {
						return err
					}
					found.Data["n"] = strconv.Itoa(n + 1)
					_, err = maps.Update(t, found, metav1.UpdateOptions{})
					return err
				})
				if err != nil {
					failures <- err
					return
				}
			}
		}()
	}
	group.Wait()
	close(failures)
	t.must(<-failures)
	t.same("counter", must(maps.Get(t, "counter", metav1.GetOptions{})).Data["n"], strconv.Itoa(writers*each))
	puts, _ := here.seen.since(mark, "PUT")
	t.note("%d updates for %d increments", len(puts), writers*each)
}

func patches(t *trial, here *place, ns string) {
	maps := here.typed.CoreV1().ConfigMaps(ns)
	must(maps.Create(t, configMap("patched", "a", "1", "b", "2"), metav1.CreateOptions{}))
	patch := func(kind types.PatchType, text string) (*corev1.ConfigMap, error) {
		return maps.Patch(t, "patched", kind, []byte(text), metav1.PatchOptions{})
	}
	t.same("json", must(patch(types.JSONPatchType, `[{"op":"test","path":"/data/a","value":"1"},{"op":"replace","path":"/data/a","value":"x"},{"op":"remove","path":"/data/b"}]`)).Data, map[string]string{"a": "x"})
	t.same("merge", must(patch(types.MergePatchType, `{"data":{"a":null,"c":"3"}}`)).Data, map[string]string{"c": "3"})
	t.same("strategic", must(patch(types.StrategicMergePatchType, `{"data":{"$patch":"replace","d":"4"},"metadata":{"finalizers":["example.com/a"]}}`)).Data, map[string]string{"d": "4"})
	found := must(patch(types.StrategicMergePatchType, `{"metadata":{"finalizers":["example.com/b"]}}`))
	t.same("finalizers merged", len(found.Finalizers), 2)
	found = must(patch(types.StrategicMergePatchType, `{"metadata":{"$deleteFromPrimitiveList/finalizers":["example.com/a","example.com/b"]}}`))
	t.same("finalizers left", len(found.Finalizers), 0)
	_, err := patch(types.JSONPatchType, `[{"op":"test","path":"/data/d","value":"no"}]`)
	t.refused(err, apierrors.IsInvalid, "the server rejected our request due to an error in our request")
	_, err = patch(types.MergePatchType, `{"metadata":{"resourceVersion":"1"},"data":{"e":"5"}}`)
	t.refused(err, apierrors.IsConflict, "the object has been modified")
	_, err = patch(types.MergePatchType, `{"data":`)
	t.refused(err, apierrors.IsBadRequest, "")
	_, err = maps.Patch(t, "absent", types.MergePatchType, []byte(`{}`), metav1.PatchOptions{})
	t.refused(err, apierrors.IsNotFound, "not found")
}

func finalizers(t *trial, here *place, ns string) {
	maps := here.typed.CoreV1().ConfigMaps(ns)
	made := configMap("held")
	made.Finalizers = []string{"example.com/hold"}
	must(maps.Create(t, made, metav1.CreateOptions{}))
	t.must(maps.Delete(t, "held", metav1.DeleteOptions{}))
	found := must(maps.Get(t, "held", metav1.GetOptions{}))
	t.that(found.DeletionTimestamp != nil && found.DeletionGracePeriodSeconds != nil, "it is not being deleted: %+v", found.ObjectMeta)
	more := found.DeepCopy()
	more.Finalizers = append(more.Finalizers, "example.com/late")
	_, err := maps.Update(t, more, metav1.UpdateOptions{})
	t.refused(err, apierrors.IsInvalid, "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted")
	found.Finalizers = nil
	must(maps.Update(t, found, metav1.UpdateOptions{}))
	_, err = maps.Get(t, "held", metav1.GetOptions{})
	t.refused(err, apierrors.IsNotFound, "not found")
}

func leases(t *trial, here *place, ns string) {
	leases := here.typed.CoordinationV1().Leases(ns)
	holder, seconds, zero := "me", int32(15), int32(0)
	at := metav1.NewMicroTime(time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC))
	made := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: "lease"}, Spec: coordinationv1.LeaseSpec{
		HolderIdentity: &holder, LeaseDurationSeconds: &seconds, AcquireTime: &at, RenewTime: &at, LeaseTransitions: &zero,
	}}
	must(leases.Create(t, made, metav1.CreateOptions{}))
	found := must(leases.Get(t, "lease", metav1.GetOptions{}))
	t.that(found.Spec.RenewTime.Time.Equal(at.Time), "renewTime is %s", found.Spec.RenewTime)
	t.that(found.Spec.LeaseTransitions != nil && *found.Spec.LeaseTransitions == 0, "a zero that was set is lost: %+v", found.Spec)
	holder = ""
	found.Spec.HolderIdentity = &holder
	found = must(leases.Update(t, found, metav1.UpdateOptions{}))
	t.that(found.Spec.HolderIdentity != nil, "an empty holder that was set is lost: %+v", found.Spec)
	found.ResourceVersion = ""
	_, err := leases.Update(t, found, metav1.UpdateOptions{})
	t.refused(err, apierrors.IsInvalid, "metadata.resourceVersion: Invalid value")
}

func roles(t *trial, here *place, ns string) {
	rbac := here.typed.RbacV1()
	rules := []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"configmaps", "configmaps/status"}, Verbs: []string{"get", "list"}, ResourceNames: []string{"a"}},
		{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"watch"}},
	}
	role := must(rbac.Roles(ns).Create(t, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "system:reader"}, Rules: rules}, metav1.CreateOptions{}))
	t.same("rules", role.Rules, rules)
	binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "readers"},
		Subjects: []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "ann"}, {Kind: "ServiceAccount", Name: "default", Namespace: ns}},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "system:reader"}}
	bound := must(rbac.RoleBindings(ns).Create(t, binding, metav1.CreateOptions{}))
	t.same("subjects", bound.Subjects, binding.Subjects)
	bound.RoleRef.Name = "another"
	_, err := rbac.RoleBindings(ns).Update(t, bound, metav1.UpdateOptions{})
	t.refused(err, apierrors.IsInvalid, "cannot change roleRef")
	name := "go-clients:" + ns
	cluster := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, AggregationRule: &rbacv1.AggregationRule{
		ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"into": ns}}}}}
	must(rbac.ClusterRoles().Create(t, cluster, metav1.CreateOptions{}))
	part := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name + ":part", Labels: map[string]string{"into": ns}},
		Rules: []rbacv1.PolicyRule{{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}}}}
	must(rbac.ClusterRoles().Create(t, part, metav1.CreateOptions{}))
	t.eventually("the rules are aggregated", func() string {
		text, _ := json.Marshal(must(rbac.ClusterRoles().Get(t, name, metav1.GetOptions{})).Rules)
		if strings.Contains(string(text), "/metrics") {
			return ""
		}
		return string(text)
	})
	t.must(rbac.ClusterRoles().DeleteCollection(t, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "into=" + ns}))
	t.must(rbac.ClusterRoles().Delete(t, name, metav1.DeleteOptions{}))
}
