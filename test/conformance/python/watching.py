"""Watches that are ended, broken off and out of date: whoever goes on where they stopped misses nothing and hears nothing twice."""

import itertools
import os
import ssl
import time
import unittest
import urllib.request

import urllib3
from kubernetes import client, config, watch
from kubernetes.client.rest import ApiException

NAMESPACE = "default"


def interrupt(how):
    """Asks the front between us and the server."""
    asked = urllib.request.Request(os.environ["FRONT"] + "/-/" + how, method="POST")
    urllib.request.urlopen(asked, context=ssl._create_unverified_context()).read()


class Watching(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        config.load_kube_config()
        cls.core = client.CoreV1Api()

    def begin(self, app):
        """Gives a function that makes the next object of this app, and where a watch of them begins."""
        numbers = itertools.count(1)

        def make():
            name = f"{app}-{next(numbers)}"
            body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"app": app}))
            self.core.create_namespaced_config_map(NAMESPACE, body)
            return name

        listed = self.core.list_namespaced_config_map(NAMESPACE, label_selector="app=" + app)
        arguments = {"namespace": NAMESPACE, "label_selector": "app=" + app}
        return make, arguments, listed.metadata.resource_version

    def test_tells_what_happens(self):
        make, arguments, begin = self.begin("told")
        make()
        self.core.patch_namespaced_config_map("told-1", NAMESPACE, {"data": {"x": "1"}})
        self.core.delete_namespaced_config_map("told-1", NAMESPACE)
        stream = watch.Watch().stream(self.core.list_namespaced_config_map, resource_version=begin, timeout_seconds=2, **arguments)
        seen = [(event["type"], type(event["object"]).__name__, event["object"].data) for event in stream]
        self.assertEqual(seen, [("ADDED", "V1ConfigMap", None), ("MODIFIED", "V1ConfigMap", {"x": "1"}), ("DELETED", "V1ConfigMap", {"x": "1"})])

    def test_goes_on_by_itself_where_the_server_has_ended_it(self):
        make, arguments, begin = self.begin("ended")
        make()
        follower, seen = watch.Watch(), []
        for event in follower.stream(self.core.list_namespaced_config_map, resource_version=begin, **arguments):
            seen.append(event["object"].metadata.name)
            if len(seen) == 1:
                interrupt("end")
                make()
            if len(seen) == 2:
                interrupt("end")
                make()
            if len(seen) == 3:
                follower.stop()
        self.assertEqual(seen, ["ended-1", "ended-2", "ended-3"])

    def test_goes_on_where_the_line_broke(self):
        make, arguments, begin = self.begin("cut")
        make()
        follower, seen, breaks = watch.Watch(), [], 0
        follower.resource_version = begin
        while len(seen) < 3:
            try:
                for event in follower.stream(self.core.list_namespaced_config_map, resource_version=follower.resource_version, **arguments):
                    seen.append(event["object"].metadata.name)
                    if len(seen) == 3:
                        follower.stop()
                        break
                    make()
                    interrupt("cut")
            except urllib3.exceptions.HTTPError:
                breaks += 1
        self.assertEqual(seen, ["cut-1", "cut-2", "cut-3"])
        self.assertGreater(breaks, 0)

    def test_is_told_that_its_place_is_forgotten_and_lists_anew(self):
        make, arguments, begin = self.begin("expired")
        make()
        follower, seen = watch.Watch(), []
        with self.assertRaises(ApiException) as refused:
            for event in follower.stream(self.core.list_namespaced_config_map, resource_version=begin, **arguments):
                seen.append(event["object"].metadata.name)
                interrupt("expire")
        self.assertEqual(refused.exception.status, 410)
        self.assertRegex(refused.exception.reason, r"^Expired: too old resource version: \d+ \(\d+\)$")
        make()
        listed = self.core.list_namespaced_config_map(**arguments)
        self.assertEqual([item.metadata.name for item in listed.items], ["expired-1", "expired-2"])
        make()
        again = watch.Watch()
        for event in again.stream(self.core.list_namespaced_config_map, resource_version=listed.metadata.resource_version, **arguments):
            self.assertEqual(event["object"].metadata.name, "expired-3")
            again.stop()

    def test_is_told_by_the_server_what_it_cannot_watch(self):
        with self.assertRaises(ApiException) as refused:
            list(watch.Watch().stream(self.core.list_namespaced_config_map, NAMESPACE, field_selector="data.x=1", timeout_seconds=1))
        self.assertEqual(refused.exception.status, 400)


if __name__ == "__main__":
    unittest.main()
