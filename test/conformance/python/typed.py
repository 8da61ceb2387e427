"""The typed client, unmodified: ConfigMaps, Namespaces, roles, leases, reviews and custom objects."""

import datetime
import time
import unittest

from kubernetes import client, config
from kubernetes.client.rest import ApiException

NAMESPACE = "typed"


def config_map(name, data=None, labels=None):
    # As its users write it: without kind and apiVersion.
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels=labels), data=data)


class Typed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        config.load_kube_config()
        cls.core = client.CoreV1Api()
        cls.core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))

    def test_creates_reads_replaces_and_deletes(self):
        created = self.core.create_namespaced_config_map(NAMESPACE, config_map("a", {"x": "1"}))
        self.assertEqual((created.metadata.name, created.data), ("a", {"x": "1"}))
        self.assertIsInstance(created.metadata.creation_timestamp, datetime.datetime)
        stale = created.metadata.resource_version
        created.data = {"x": "2"}
        self.assertEqual(self.core.replace_namespaced_config_map("a", NAMESPACE, created).data, {"x": "2"})
        created.metadata.resource_version = stale
        created.data = {"x": "3"}
        with self.assertRaises(ApiException) as refused:
            self.core.replace_namespaced_config_map("a", NAMESPACE, created)
        self.assertEqual((refused.exception.status, refused.exception.reason), (409, "Conflict"))
        self.assertEqual(self.core.delete_namespaced_config_map("a", NAMESPACE)["status"], "Success")
        with self.assertRaises(ApiException) as refused:
            self.core.read_namespaced_config_map("a", NAMESPACE)
        self.assertEqual(refused.exception.status, 404)
        self.assertIn('configmaps \\"a\\" not found', refused.exception.body)

    def test_lists_by_label_and_page_by_page(self):
        for name in ("p1", "p2", "p3"):
            self.core.create_namespaced_config_map(NAMESPACE, config_map(name, labels={"app": "pages"}))
        first = self.core.list_namespaced_config_map(NAMESPACE, label_selector="app=pages", limit=2)
        self.assertEqual([item.metadata.name for item in first.items], ["p1", "p2"])
        rest = self.core.list_namespaced_config_map(NAMESPACE, label_selector="app=pages", limit=2, _continue=first.metadata._continue)
        self.assertEqual([item.metadata.name for item in rest.items], ["p3"])
        self.assertEqual(rest.metadata.resource_version, first.metadata.resource_version)
        self.core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="app=pages")
        self.assertEqual(self.core.list_config_map_for_all_namespaces(label_selector="app=pages").items, [])

    def test_patches_by_its_own_choice_of_strategy(self):
        self.core.create_namespaced_config_map(NAMESPACE, config_map("patched", {"x": "1", "y": "2"}))
        merged = self.core.patch_namespaced_config_map("patched", NAMESPACE, {"data": {"y": None, "z": "3"}})
        self.assertEqual(merged.data, {"x": "1", "z": "3"})
        operations = [{"op": "replace", "path": "/data/x", "value": "4"}]
        self.assertEqual(self.core.patch_namespaced_config_map("patched", NAMESPACE, operations).data, {"x": "4", "z": "3"})

    def test_tries_without_doing(self):
        self.core.create_namespaced_config_map(NAMESPACE, config_map("dry"), dry_run="All")
        with self.assertRaises(ApiException) as refused:
            self.core.read_namespaced_config_map("dry", NAMESPACE)
        self.assertEqual(refused.exception.status, 404)

    def test_waits_for_a_namespace_to_go(self):
        self.core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name="brief")))
        self.core.create_namespaced_config_map("brief", config_map("inside"))
        self.assertEqual(self.core.delete_namespace("brief")["status"]["phase"], "Terminating")
        deadline = time.monotonic() + 20
        while True:
            try:
                self.core.read_namespace("brief")
            except ApiException as gone:
                self.assertEqual(gone.status, 404)
                break
            self.assertLess(time.monotonic(), deadline)

    def test_renews_a_lease(self):
        leases = client.CoordinationV1Api()
        now = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc)
        spec = client.V1LeaseSpec(holder_identity="one", lease_duration_seconds=15, lease_transitions=0, renew_time=now)
        lease = leases.create_namespaced_lease(NAMESPACE, client.V1Lease(metadata=client.V1ObjectMeta(name="leader"), spec=spec))
        self.assertEqual((lease.spec.renew_time, lease.spec.lease_transitions), (now, 0))
        lease.spec.holder_identity = "two"
        self.assertEqual(leases.replace_namespaced_lease("leader", NAMESPACE, lease).spec.holder_identity, "two")

    def test_grants_rights_and_asks_for_them(self):
        rbac, reviews = client.RbacAuthorizationV1Api(), client.AuthorizationV1Api()
        attributes = client.V1ResourceAttributes(namespace=NAMESPACE, verb="get", resource="configmaps")
        question = client.V1SubjectAccessReview(spec=client.V1SubjectAccessReviewSpec(user="ann", resource_attributes=attributes))
        self.assertFalse(reviews.create_subject_access_review(question).status.allowed)
        rule = client.V1PolicyRule(api_groups=[""], resources=["configmaps"], verbs=["get"])
        rbac.create_namespaced_role(NAMESPACE, client.V1Role(metadata=client.V1ObjectMeta(name="reader"), rules=[rule]))
        binding = client.V1RoleBinding(
            metadata=client.V1ObjectMeta(name="readers"),
            role_ref=client.V1RoleRef(api_group="rbac.authorization.k8s.io", kind="Role", name="reader"),
            subjects=[client.RbacV1Subject(api_group="rbac.authorization.k8s.io", kind="User", name="ann")],
        )
        rbac.create_namespaced_role_binding(NAMESPACE, binding)
        self.assertTrue(reviews.create_subject_access_review(question).status.allowed)

    def test_records_an_event(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        event = client.CoreV1Event(
            metadata=client.V1ObjectMeta(generate_name="seen-"),
            involved_object=client.V1ObjectReference(api_version="v1", kind="ConfigMap", name="a", namespace=NAMESPACE),
            reason="Seen", message="somebody looked", type="Normal", count=1, first_timestamp=now, last_timestamp=now,
        )
        self.core.create_namespaced_event(NAMESPACE, event)
        found = self.core.list_namespaced_event(NAMESPACE, field_selector="involvedObject.name=a,reason=Seen")
        self.assertEqual([item.message for item in found.items], ["somebody looked"])

    def test_orders_a_custom_object(self):
        custom = client.CustomObjectsApi()
        kind = ("orchestrate.platform-mesh.io", "v1alpha1", NAMESPACE, "httpbins")
        body = {"apiVersion": "orchestrate.platform-mesh.io/v1alpha1", "kind": "HttpBin", "metadata": {"name": "web"}, "spec": {"region": "eu-west"}}
        custom.create_namespaced_custom_object(*kind, body)
        patched = custom.patch_namespaced_custom_object(*kind, "web", {"spec": {"region": "us-east"}})
        self.assertEqual(patched["spec"], {"region": "us-east"})
        self.assertEqual([item["metadata"]["name"] for item in custom.list_namespaced_custom_object(*kind)["items"]], ["web"])
        custom.delete_namespaced_custom_object(*kind, "web")


if __name__ == "__main__":
    unittest.main()
