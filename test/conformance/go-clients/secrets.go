package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func secretChecks(here *place) []check {
	ns, robot := "", ""
	var tokens []string
	return []check{
		{"secrets keep bytes, take stringData in, and are chosen by type", func(t *trial) {
			ns = here.namespace(t)
			robot = "system:serviceaccount:" + ns + ":robot"
			secrets := here.typed.CoreV1().Secrets(ns)
			_, mark := here.seen.since(0)
			made := must(secrets.Create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "plain"}, Data: map[string][]byte{"raw": {0, 255}}, StringData: map[string]string{"word": "grüße"}}, metav1.CreateOptions{}))
			sent, _ := here.seen.since(mark, "POST", protobuf)
			t.same("requests in protobuf", len(sent), 1)
			t.same("type", made.Type, corev1.SecretTypeOpaque)
			found := must(secrets.Get(t, "plain", metav1.GetOptions{}))
			t.same("data", found.Data, map[string][]byte{"raw": {0, 255}, "word": []byte("grüße")})
			t.same("stringData", len(found.StringData), 0)
			release := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "release"}, Type: "helm.sh/release.v1", Data: map[string][]byte{"release": bytes.Repeat([]byte("r"), 900<<10)}}
			must(secrets.Create(t, release, metav1.CreateOptions{}))
			chosen := must(secrets.List(t, metav1.ListOptions{FieldSelector: "type=helm.sh/release.v1"}))
			t.same("chosen", namesOf(chosen), []string{"release"})
			t.same("size", len(chosen.Items[0].Data["release"]), 900<<10)
		}},
		{"typed secrets are checked, types stay, immutable ones too", func(t *trial) {
			secrets := here.typed.CoreV1().Secrets(ns)
			_, err := secrets.Create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "tls"}, Type: corev1.SecretTypeTLS}, metav1.CreateOptions{})
			t.refused(err, apierrors.IsInvalid, "data[tls.crt]: Required value")
			found := must(secrets.Get(t, "plain", metav1.GetOptions{}))
			found.Type = corev1.SecretTypeBasicAuth
			_, err = secrets.Update(t, found, metav1.UpdateOptions{})
			t.refused(err, apierrors.IsInvalid, "type: Invalid value")
			must(secrets.Apply(t, coreac.Secret("plain", ns).WithImmutable(true), metav1.ApplyOptions{FieldManager: "first"}))
			found = must(secrets.Get(t, "plain", metav1.GetOptions{}))
			found.Data["raw"] = []byte("x")
			_, err = secrets.Update(t, found, metav1.UpdateOptions{})
			t.refused(err, apierrors.IsInvalid, "data: Forbidden: field is immutable when `immutable` is set")
		}},
		{"a service account gets a token on request, and is somebody with it", func(t *trial) {
			must(here.typed.CoreV1().ServiceAccounts(ns).Create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}, metav1.CreateOptions{}))
			seconds := int64(3600)
			made := must(here.typed.CoreV1().ServiceAccounts(ns).CreateToken(t, "robot", &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}, metav1.CreateOptions{}))
			left := time.Until(made.Status.ExpirationTimestamp.Time)
			t.that(left > 55*time.Minute && left < 65*time.Minute, "it expires in %s", left)
			tokens = append(tokens, made.Status.Token)
			who := must(bearer(here, made.Status.Token).AuthenticationV1().SelfSubjectReviews().Create(t, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{}))
			t.same("user", who.Status.UserInfo.Username, robot)
			t.that(slices.Contains(who.Status.UserInfo.Groups, "system:serviceaccounts:"+ns), "groups are %v", who.Status.UserInfo.Groups)
			review := must(here.typed.AuthenticationV1().TokenReviews().Create(t, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: made.Status.Token}}, metav1.CreateOptions{}))
			t.that(review.Status.Authenticated && review.Status.User.Username == robot, "the review says %+v", review.Status)
			foreign := must(here.typed.CoreV1().ServiceAccounts(ns).CreateToken(t, "robot", &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: []string{"elsewhere"}}}, metav1.CreateOptions{}))
			_, err := bearer(here, foreign.Status.Token).CoreV1().ConfigMaps(ns).List(t, metav1.ListOptions{})
			t.refused(err, apierrors.IsUnauthorized, "Unauthorized")
		}},
		{"a program inside, with a token file, has the rights of its service account", func(t *trial) {
			file := filepath.Join(must(os.MkdirTemp("", "token-")), "token")
			defer os.RemoveAll(filepath.Dir(file))
			t.must(os.WriteFile(file, []byte(tokens[0]), 0o600))
			config := rest.AnonymousClientConfig(here.base)
			config.BearerTokenFile = file
			inside := kubernetes.NewForConfigOrDie(config)
			_, err := inside.CoreV1().ConfigMaps(ns).List(t, metav1.ListOptions{})
			t.refused(err, apierrors.IsForbidden, `User "`+robot+`" cannot list resource "configmaps"`)
			must(here.typed.RbacV1().RoleBindings(ns).Create(t, &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "robots"},
				Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: ns, Name: "robot"}},
				RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"}}, metav1.CreateOptions{}))
			must(inside.CoreV1().ConfigMaps(ns).Create(t, configMap("by-robot"), metav1.CreateOptions{}))
		}},
		{"a token secret is filled, and its token works until it is deleted", func(t *trial) {
			secrets := here.typed.CoreV1().Secrets(ns)
			made := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "lasting", Annotations: map[string]string{corev1.ServiceAccountNameKey: "robot"}}, Type: corev1.SecretTypeServiceAccountToken}
			must(secrets.Create(t, made, metav1.CreateOptions{}))
			var found *corev1.Secret
			t.eventually("it is filled", func() string {
				found = must(secrets.Get(t, "lasting", metav1.GetOptions{}))
				if len(found.Data[corev1.ServiceAccountTokenKey]) > 0 {
					return ""
				}
				return "it has no token"
			})
			t.same("namespace", string(found.Data[corev1.ServiceAccountNamespaceKey]), ns)
			t.that(strings.Contains(string(found.Data[corev1.ServiceAccountRootCAKey]), "BEGIN CERTIFICATE"), "there is no CA")
			config := rest.CopyConfig(rest.AnonymousClientConfig(here.base))
			config.CAFile, config.CAData = "", found.Data[corev1.ServiceAccountRootCAKey]
			config.BearerToken = string(found.Data[corev1.ServiceAccountTokenKey])
			lasting := kubernetes.NewForConfigOrDie(config)
			must(lasting.CoreV1().ConfigMaps(ns).Get(t, "by-robot", metav1.GetOptions{}))
			t.must(secrets.Delete(t, "lasting", metav1.DeleteOptions{}))
			t.eventually("the token is worth nothing", func() string {
				_, err := lasting.CoreV1().ConfigMaps(ns).Get(t, "by-robot", metav1.GetOptions{})
				if apierrors.IsUnauthorized(err) {
					return ""
				}
				return "it works " + textOf(err)
			})
		}},
		{"with the service account its tokens go", func(t *trial) {
			t.must(here.typed.CoreV1().ServiceAccounts(ns).Delete(t, "robot", metav1.DeleteOptions{}))
			t.eventually("the token is worth nothing", func() string {
				_, err := bearer(here, tokens[0]).CoreV1().ConfigMaps(ns).Get(t, "by-robot", metav1.GetOptions{})
				if apierrors.IsUnauthorized(err) {
					return ""
				}
				return "it works " + textOf(err)
			})
		}},
	}
}

func bearer(here *place, token string) kubernetes.Interface {
	config := rest.AnonymousClientConfig(here.base)
	config.BearerToken = token
	return kubernetes.NewForConfigOrDie(config)
}
