package main

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"
)

func pagingChecks(here *place) []check {
	const count = 53
	ns := ""
	list := func(t context.Context, options metav1.ListOptions) (runtime.Object, error) {
		options.LabelSelector = "paged"
		return here.typed.CoreV1().ConfigMaps(ns).List(t, options)
	}
	return []check{
		{"the pager brings every object once, in the order of names", func(t *trial) {
			ns = here.namespace(t)
			for at := range count {
				must(here.typed.CoreV1().ConfigMaps(ns).Create(t, labelled(configMap(fmt.Sprintf("paged-%02d", at)), "paged", "yes"), metav1.CreateOptions{}))
			}
			_, mark := here.seen.since(0)
			pages := pager.New(list)
			pages.PageSize = 10
			names := []string{}
			t.must(pages.EachListItem(t, metav1.ListOptions{}, func(item runtime.Object) error {
				names = append(names, item.(metav1.Object).GetName())
				return nil
			}))
			t.same("names", len(names), count)
			t.that(slices.IsSorted(names), "the order is %v", names)
			sent, _ := here.seen.since(mark, "GET", "limit=10")
			t.same("pages", len(sent), 6)
		}},
		{"all pages show the state of the first, whatever happens between", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			first := must(maps.List(t, metav1.ListOptions{Limit: 20}))
			t.that(first.Continue != "" && first.RemainingItemCount != nil, "it is no page: %+v", first.ListMeta)
			must(maps.Create(t, labelled(configMap("paged-99"), "paged", "late"), metav1.CreateOptions{}))
			t.must(maps.Delete(t, "paged-52", metav1.DeleteOptions{}))
			names, rest, pages := namesOf(first), first.Continue, 1
			for rest != "" {
				next := must(maps.List(t, metav1.ListOptions{Limit: 20, Continue: rest}))
				t.same("resourceVersion", next.ResourceVersion, first.ResourceVersion)
				names, rest, pages = append(names, namesOf(next)...), next.Continue, pages+1
			}
			t.that(slices.Contains(names, "paged-52") && !slices.Contains(names, "paged-99"), "another state: %v", names)
			t.same("objects and first page's count", len(names), 20+int(*first.RemainingItemCount))
			t.note("%d pages", pages)
		}},
		{"a continue token that is none is refused, and so is one with a resourceVersion", func(t *trial) {
			_, err := list(t, metav1.ListOptions{Limit: 5, Continue: "bm9uZQ"})
			t.refused(err, apierrors.IsBadRequest, "continue key is not valid")
			first := must(list(t, metav1.ListOptions{Limit: 5})).(metav1.ListInterface)
			_, err = list(t, metav1.ListOptions{Limit: 5, Continue: first.GetContinue(), ResourceVersion: first.GetResourceVersion()})
			t.refused(err, apierrors.IsBadRequest, "specifying resource version is not allowed when using continue")
		}},
		{"a list from the future is asked to come again, a list at a version shows it", func(t *trial) {
			maps := here.typed.CoreV1().ConfigMaps(ns)
			before := must(maps.List(t, metav1.ListOptions{LabelSelector: "paged"}))
			t.must(maps.Delete(t, "paged-00", metav1.DeleteOptions{}))
			exact := must(maps.List(t, metav1.ListOptions{LabelSelector: "paged", ResourceVersion: before.ResourceVersion, ResourceVersionMatch: metav1.ResourceVersionMatchExact}))
			t.same("exactly then", namesOf(exact), namesOf(before))
			now := must(maps.List(t, metav1.ListOptions{LabelSelector: "paged", ResourceVersion: before.ResourceVersion, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}))
			t.same("not older", len(now.Items), len(before.Items)-1)
			ctx, cancel := context.WithTimeout(t, 0)
			cancel()
			_, err := maps.List(ctx, metav1.ListOptions{})
			t.that(err != nil, "a cancelled request was answered")
			err = here.typed.CoreV1().RESTClient().Get().Namespace(ns).Resource("configmaps").MaxRetries(0).
				Param("resourceVersion", "999999999").Do(t).Error()
			t.refused(err, apierrors.IsTimeout, "Too large resource version")
			t.that(apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge), "the cause is missing: %v", err)
		}},
	}
}
