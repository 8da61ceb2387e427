package main

import (
	"fmt"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func rightsChecks(here *place) []check {
	ns := ""
	var ann kubernetes.Interface
	may := func(t *trial, client kubernetes.Interface, verb string) bool {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: ns, Verb: verb, Resource: "configmaps"}}}
		return must(client.AuthorizationV1().SelfSubjectAccessReviews().Create(t, review, metav1.CreateOptions{})).Status.Allowed
	}
	return []check{
		{"who asks is told who that is, impersonated or not", func(t *trial) {
			ns = here.namespace(t)
			config := rest.CopyConfig(here.config)
			config.Impersonate = rest.ImpersonationConfig{UserName: "ann", Groups: []string{"team", "system:authenticated"}, Extra: map[string][]string{"why": {"test"}}}
			ann = kubernetes.NewForConfigOrDie(config)
			review := must(ann.AuthenticationV1().SelfSubjectReviews().Create(t, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{}))
			t.same("user", review.Status.UserInfo.Username, "ann")
			t.that(slices.Contains(review.Status.UserInfo.Groups, "team"), "groups are %v", review.Status.UserInfo.Groups)
			own := must(here.typed.AuthenticationV1().SelfSubjectReviews().Create(t, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{}))
			t.that(slices.Contains(own.Status.UserInfo.Groups, "system:masters"), "groups are %v", own.Status.UserInfo.Groups)
		}},
		{"without a right everything is forbidden, in upstream's words", func(t *trial) {
			_, err := ann.CoreV1().ConfigMaps(ns).Get(t, "a", metav1.GetOptions{})
			t.refused(err, apierrors.IsForbidden, fmt.Sprintf(`configmaps "a" is forbidden: User "ann" cannot get resource "configmaps" in API group "" in the namespace "%s"`, ns))
			_, err = ann.CoreV1().Namespaces().List(t, metav1.ListOptions{})
			t.refused(err, apierrors.IsForbidden, `namespaces is forbidden: User "ann" cannot list resource "namespaces" in API group "" at the cluster scope`)
			t.that(!may(t, ann, "get") && may(t, here.typed, "get"), "reviews say otherwise")
		}},
		{"a binding gives the right at once, and reviews say so", func(t *trial) {
			rules := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get", "list", "watch"}}}
			must(here.typed.RbacV1().Roles(ns).Create(t, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "reader"}, Rules: rules}, metav1.CreateOptions{}))
			must(here.typed.RbacV1().RoleBindings(ns).Create(t, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "readers"},
				Subjects: []rbacv1.Subject{{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "team"}},
				RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"}}, metav1.CreateOptions{}))
			must(ann.CoreV1().ConfigMaps(ns).List(t, metav1.ListOptions{}))
			t.that(may(t, ann, "get") && !may(t, ann, "create"), "reviews say otherwise")
			spec := authorizationv1.SubjectAccessReviewSpec{User: "ann", Groups: []string{"team"}, ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: ns, Verb: "get", Resource: "configmaps"}}
			about := must(here.typed.AuthorizationV1().SubjectAccessReviews().Create(t, &authorizationv1.SubjectAccessReview{Spec: spec}, metav1.CreateOptions{}))
			t.that(about.Status.Allowed, "it says %+v", about.Status)
			local := &authorizationv1.LocalSubjectAccessReview{ObjectMeta: metav1.ObjectMeta{Namespace: ns}, Spec: spec}
			t.that(must(here.typed.AuthorizationV1().LocalSubjectAccessReviews(ns).Create(t, local, metav1.CreateOptions{})).Status.Allowed, "the local review says no")
			all := must(ann.AuthorizationV1().SelfSubjectRulesReviews().Create(t, &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: ns}}, metav1.CreateOptions{}))
			t.that(slices.ContainsFunc(all.Status.ResourceRules, func(rule authorizationv1.ResourceRule) bool {
				return slices.Equal(rule.Resources, []string{"configmaps"}) && slices.Equal(rule.Verbs, []string{"get", "list", "watch"})
			}), "the rules are %+v", all.Status)
		}},
		{"nobody gives rights that they do not have", func(t *trial) {
			must(here.typed.RbacV1().RoleBindings(ns).Create(t, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "givers"},
				Subjects: []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "ann"}},
				RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "giver"}}, metav1.CreateOptions{}))
			must(here.typed.RbacV1().Roles(ns).Create(t, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "giver"},
				Rules: []rbacv1.PolicyRule{{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"roles", "rolebindings"}, Verbs: []string{"create", "update"}}}}, metav1.CreateOptions{}))
			_, err := ann.RbacV1().Roles(ns).Create(t, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "more"},
				Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"delete"}}}}, metav1.CreateOptions{})
			t.refused(err, apierrors.IsForbidden, "is attempting to grant RBAC permissions not currently held")
			must(ann.RbacV1().Roles(ns).Create(t, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "same"},
				Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get"}}}}, metav1.CreateOptions{}))
		}},
		{"a watch ends within a second of losing the right to it", func(t *trial) {
			must(here.typed.CoreV1().ConfigMaps(ns).Create(t, configMap("there"), metav1.CreateOptions{}))
			events := must(ann.CoreV1().ConfigMaps(ns).Watch(t, metav1.ListOptions{}))
			defer events.Stop()
			<-events.ResultChan()
			t.must(here.typed.RbacV1().RoleBindings(ns).Delete(t, "readers", metav1.DeleteOptions{}))
			ended := make(chan struct{})
			go func() {
				for range events.ResultChan() {
				}
				close(ended)
			}()
			t.note("after %s", t.within(time.Second, "the watch ends", ended))
			_, err := ann.CoreV1().ConfigMaps(ns).Watch(t, metav1.ListOptions{})
			t.refused(err, apierrors.IsForbidden, `cannot watch resource "configmaps"`)
		}},
		{"a wrong token is unauthorized", func(t *trial) {
			config := rest.AnonymousClientConfig(here.config)
			config.BearerToken = "wrong"
			_, err := kubernetes.NewForConfigOrDie(config).CoreV1().Namespaces().List(t, metav1.ListOptions{})
			t.refused(err, apierrors.IsUnauthorized, "Unauthorized")
		}},
	}
}
