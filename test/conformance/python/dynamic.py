"""The dynamic client: what is served is learnt by discovery."""

import time
import unittest

from kubernetes import config, dynamic
from kubernetes.client import api_client
from kubernetes.dynamic.exceptions import ConflictError, DynamicApiError, NotFoundError, ResourceNotFoundError

NAMESPACE = "default"


def until(what, holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain: " + what)
        time.sleep(0.05)


class Dynamic(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = dynamic.DynamicClient(api_client.ApiClient(configuration=config.load_kube_config() or None))
        cls.config_maps = cls.client.resources.get(api_version="v1", kind="ConfigMap")
        cls.http_bins = cls.client.resources.get(api_version="orchestrate.platform-mesh.io/v1alpha1", kind="HttpBin")

    def test_discovers_kinds_with_their_subresources(self):
        self.assertTrue(self.http_bins.namespaced)
        self.assertEqual(self.http_bins.name, "httpbins")
        self.assertIn("status", self.http_bins.subresources)
        self.assertEqual(self.client.resources.get(kind="ClusterRole").group, "rbac.authorization.k8s.io")
        with self.assertRaises(ResourceNotFoundError):
            self.client.resources.get(api_version="v1", kind="Pod")
        self.assertRegex(self.client.version["kubernetes"]["gitVersion"], r"^v1\.\d+\.\d+")

    def test_creates_gets_lists_patches_and_deletes(self):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "d", "labels": {"app": "dynamic"}}, "data": {"x": "1"}}
        self.assertEqual(self.config_maps.create(body=body, namespace=NAMESPACE).data.x, "1")
        with self.assertRaises(ConflictError):
            self.config_maps.create(body=body, namespace=NAMESPACE)
        # Strategic merge is its own default.
        self.assertEqual(self.config_maps.patch(body={"metadata": {"name": "d"}, "data": {"y": "2"}}, namespace=NAMESPACE).data.y, "2")
        listed = self.config_maps.get(namespace=NAMESPACE, label_selector="app=dynamic")
        self.assertEqual([item.metadata.name for item in listed.items], ["d"])
        replaced = self.config_maps.get(name="d", namespace=NAMESPACE).to_dict()
        replaced["data"] = {"z": "3"}
        self.assertEqual(self.config_maps.replace(body=replaced, namespace=NAMESPACE).data.to_dict(), {"z": "3"})
        self.config_maps.delete(name="d", namespace=NAMESPACE)
        with self.assertRaises(NotFoundError):
            self.config_maps.get(name="d", namespace=NAMESPACE)

    def test_applies_on_the_server(self):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"x": "1"}}
        applied = self.config_maps.server_side_apply(body=body, namespace=NAMESPACE, field_manager="one")
        self.assertEqual([(owner.manager, owner.operation) for owner in applied.metadata.managedFields], [("one", "Apply")])
        body["data"]["x"] = "2"
        with self.assertRaises(ConflictError):
            self.config_maps.server_side_apply(body=body, namespace=NAMESPACE, field_manager="two")
        forced = self.config_maps.server_side_apply(body=body, namespace=NAMESPACE, field_manager="two", force_conflicts=True)
        self.assertEqual([owner.manager for owner in forced.metadata.managedFields], ["two"])

    def test_orders_from_a_provider(self):
        body = {"apiVersion": "orchestrate.platform-mesh.io/v1alpha1", "kind": "HttpBin", "metadata": {"name": "bin"}, "spec": {"region": "eu-west"}}
        self.http_bins.create(body=body, namespace=NAMESPACE)
        change = {"metadata": {"name": "bin"}, "spec": {"region": "us-east"}}
        with self.assertRaises(DynamicApiError) as refused:
            self.http_bins.patch(body=change, namespace=NAMESPACE)
        self.assertEqual(refused.exception.status, 415)
        merged = self.http_bins.patch(body=change, namespace=NAMESPACE, content_type="application/merge-patch+json")
        self.assertEqual((merged.spec.region, merged.metadata.generation), ("us-east", 2))

        def is_ready():
            status = self.http_bins.status.get(name="bin", namespace=NAMESPACE).status
            return status.observedGeneration == 2 and any(c.type == "Ready" and c.status == "True" for c in status.conditions)

        until("bin is ready", is_ready)
        self.http_bins.delete(name="bin", namespace=NAMESPACE)

    def test_watches_from_the_initial_events_on(self):
        for name in ("w1", "w2"):
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"app": "initial"}}}
            self.config_maps.create(body=body, namespace=NAMESPACE)
        seen = [
            (event["type"], event["raw_object"]["metadata"].get("name"), (event["raw_object"]["metadata"].get("annotations") or {}).get("k8s.io/initial-events-end"))
            for event in self.config_maps.watch(
                namespace=NAMESPACE, label_selector="app=initial", timeout=1,
                send_initial_events=True, resource_version_match="NotOlderThan", allow_watch_bookmarks=True,
            )
        ]
        self.assertEqual(seen[:3], [("ADDED", "w1", None), ("ADDED", "w2", None), ("BOOKMARK", None, "true")])


if __name__ == "__main__":
    unittest.main()
