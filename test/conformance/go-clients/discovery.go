package main

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"
	"k8s.io/kube-openapi/pkg/util/proto"
)

func discoveryChecks(here *place) []check {
	var client *discovery.DiscoveryClient
	return []check{
		{"aggregated discovery brings groups and resources with two requests", func(t *trial) {
			client = discovery.NewDiscoveryClientForConfigOrDie(here.config)
			_, mark := here.seen.since(0)
			groups, lists, err := client.ServerGroupsAndResources()
			t.must(err)
			sent, _ := here.seen.since(mark)
			t.same("requests", len(sent), 2)
			names := []string{}
			for _, each := range groups {
				names = append(names, each.Name)
			}
			for _, want := range []string{"", "rbac.authorization.k8s.io", "coordination.k8s.io", "events.k8s.io", "authorization.k8s.io", httpBins.Group} {
				t.that(slices.Contains(names, want), "the group %q is missing in %v", want, names)
			}
			t.note("%d groups, %d lists", len(groups), len(lists))
		}},
		{"legacy discovery says the same", func(t *trial) {
			_, aggregated := must2(client.ServerGroupsAndResources())
			legacy := discovery.NewDiscoveryClientForConfigOrDie(here.config)
			legacy.UseLegacyDiscovery = true
			_, plain := must2(legacy.ServerGroupsAndResources())
			t.same("resources", resourcesOf(plain), resourcesOf(aggregated))
			core := must(legacy.ServerResourcesForGroupVersion("v1"))
			t.that(slices.ContainsFunc(core.APIResources, func(each metav1.APIResource) bool { return each.Name == "configmaps" }), "configmaps are missing")
		}},
		{"what one may do with each preferred resource can be filtered", func(t *trial) {
			preferred := must(client.ServerPreferredResources())
			listable := discovery.FilteredBy(discovery.SupportsAllVerbs{Verbs: []string{"list", "watch", "create", "delete"}}, preferred)
			found := must(discovery.GroupVersionResources(listable))
			_, bins := found[httpBins]
			_, maps := found[configMaps]
			_, reviews := found[schema.GroupVersionResource{Group: "authorization.k8s.io", Version: "v1", Resource: "selfsubjectaccessreviews"}]
			t.that(bins && maps && !reviews, "listable are %v", found)
		}},
		{"a cached mapper finds kinds, short names, and what is bound later after a reset", func(t *trial) {
			cached := memory.NewMemCacheClient(client)
			mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
			mapping := must(mapper.RESTMapping(schema.GroupKind{Group: httpBins.Group, Kind: "HttpBin"}))
			t.same("resource", mapping.Resource, httpBins)
			t.same("scope", mapping.Scope.Name(), meta.RESTScopeNameNamespace)
			short := restmapper.NewShortcutExpander(mapper, cached, nil)
			t.same("cm", must(short.ResourceFor(schema.GroupVersionResource{Resource: "cm"})), configMaps)
			t.same("hb", must(short.KindFor(schema.GroupVersionResource{Resource: "hb"})).Kind, "HttpBin")
			t.same("clusterrole", must(mapper.RESTMapping(schema.GroupKind{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"})).Scope.Name(), meta.RESTScopeNameRoot)
			_, err := mapper.RESTMapping(schema.GroupKind{Group: httpBins.Group, Kind: "Gizmo"})
			t.refused(err, meta.IsNoMatchError, "no matches for kind")
			_, mark := here.seen.since(0)
			must(mapper.RESTMapping(schema.GroupKind{Kind: "ConfigMap"}, "v1"))
			sent, _ := here.seen.since(mark)
			t.same("requests for what is cached", len(sent), 0)
			mapper.Reset()
			must(mapper.RESTMapping(schema.GroupKind{Kind: "ConfigMap"}, "v1"))
		}},
		{"the version is one", func(t *trial) {
			found := must(client.ServerVersion())
			t.that(strings.HasPrefix(found.GitVersion, "v1.") && found.Major == "1", "it is %+v", found)
			t.note("%s", found.GitVersion)
		}},
		{"OpenAPI v2, as protobuf, is read whole by kubectl's own parser", func(t *trial) {
			document := must(client.OpenAPISchema())
			models := must(proto.NewOpenAPIData(document))
			names := models.ListModels()
			t.that(slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(name, ".HttpBin") }), "HttpBin is missing in %v", names)
			t.that(models.LookupModel("io.k8s.api.core.v1.ConfigMap") != nil, "ConfigMap is missing")
			t.note("%d models", len(names))
		}},
		{"OpenAPI v3 has a document for each group and version", func(t *trial) {
			paths := must(client.OpenAPIV3().Paths())
			for _, path := range []string{"api/v1", "apis/" + httpBins.GroupVersion().String(), "apis/rbac.authorization.k8s.io/v1"} {
				t.that(paths[path] != nil, "%s is missing", path)
				text := must(paths[path].Schema("application/json"))
				t.that(strings.Contains(string(text), `"openapi"`), "%s is %.80s", path, text)
			}
		}},
	}
}

func resourcesOf(lists []*metav1.APIResourceList) []string {
	found := []string{}
	for _, list := range lists {
		for _, each := range list.APIResources {
			verbs := slices.Sorted(slices.Values(each.Verbs))
			found = append(found, fmt.Sprint(list.GroupVersion, " ", each.Name, " ", each.Kind, " ", each.Namespaced, " ", verbs, each.ShortNames))
		}
	}
	slices.Sort(found)
	return found
}

func must2[A, B any](a A, b B, err error) (A, B) {
	if err != nil {
		panic(failed{err})
	}
	return a, b
}
