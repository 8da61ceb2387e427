package main

import (
	"context"
	"errors"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func asStatus(err error, status *apierrors.APIStatus) bool { return errors.As(err, status) }

// managersOf tells who owns something of an object, and how.
func managersOf(object metav1.Object) []string {
	found := []string{}
	for _, each := range object.GetManagedFields() {
		text := each.Manager + " " + string(each.Operation)
		if each.Subresource != "" {
			text += " " + each.Subresource
		}
		found = append(found, text)
	}
	return found
}

func namesOf(list runtime.Object) []string {
	names := []string{}
	_ = meta.EachListItem(list, func(item runtime.Object) error {
		object, err := meta.Accessor(item)
		if err == nil {
			names = append(names, object.GetName())
		}
		return err
	})
	return names
}

func versionOf(t *trial, object metav1.Object) uint64 {
	return must(strconv.ParseUint(object.GetResourceVersion(), 10, 64))
}

// listing and watching are how reflectors ask for one ConfigMap.
func listing(ctx context.Context, here *place, ns, selector string) cache.ListFunc {
	return func(options metav1.ListOptions) (runtime.Object, error) {
		options.FieldSelector = selector
		return here.typed.CoreV1().ConfigMaps(ns).List(ctx, options)
	}
}

func watching(ctx context.Context, here *place, ns, selector string) cache.WatchFunc {
	return func(options metav1.ListOptions) (watch.Interface, error) {
		options.FieldSelector = selector
		return here.typed.CoreV1().ConfigMaps(ns).Watch(ctx, options)
	}
}
