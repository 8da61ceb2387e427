"""A kopf operator as its users write one: each Database gets a ConfigMap of its own, a status and events."""

import kopf
import kubernetes


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_):
    settings.posting.level = 20
    # Reconnects at once, so that a break costs the suite nothing.
    settings.watching.reconnect_backoff = 0.1
    settings.networking.error_backoffs = [0.1, 0.2, 0.5, 1, 1]


def address(name, spec):
    return f"{name}.{spec['size']}.example.com"


@kopf.on.create("example.com", "v1", "databases")
def create(name, namespace, spec, body, patch, **_):
    child = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name + "-address"}, "data": {"address": address(name, spec)}}
    kopf.adopt(child, owner=body)
    kubernetes.client.CoreV1Api().create_namespaced_config_map(namespace, child)
    kopf.event(body, type="Normal", reason="Made", message=f"made {name}")
    patch.status["address"] = address(name, spec)
    return {"size": spec["size"]}


@kopf.on.update("example.com", "v1", "databases", field="spec.size")
def resize(name, namespace, spec, old, new, body, patch, **_):
    core = kubernetes.client.CoreV1Api()
    core.patch_namespaced_config_map(name + "-address", namespace, {"data": {"address": address(name, spec)}})
    kopf.event(body, type="Normal", reason="Resized", message=f"from {old} to {new}")
    patch.status["address"] = address(name, spec)


@kopf.on.delete("example.com", "v1", "databases")
def delete(name, namespace, body, **_):
    kubernetes.client.CoreV1Api().delete_namespaced_config_map(name + "-address", namespace)
    kopf.event(body, type="Normal", reason="Unmade", message=f"unmade {name}")
