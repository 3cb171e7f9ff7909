"""What tests ask of Consul's HTTP API, whether Consul itself or the embedded registry answers."""

import urllib.parse

from rig import http


class ConsulApi:
    def __init__(self, where):
        self.where = where
        self.url = "http://" + where

    def get(self, path):
        answer = http.get(self.where, path)
        if answer.status == 404:
            return None
        assert answer.status == 200, f"GET {path}: {answer}"
        return answer.json()

    def put(self, path, body=None):
        answer = http.put(self.where, path, body)
        assert answer.status == 200, f"PUT {path}: {answer}"
        return answer

    def services(self):
        """The agent's services by ID, without Consul's own."""
        return {key: value for key, value in self.get("/v1/agent/services").items() if value["Service"] != "consul"}

    def named(self, name):
        """The agent's services with that name."""
        return [service for service in self.services().values() if service["Service"] == name]

    def healthy(self, name):
        """host:port of the passing instances as every client of Consul sees them."""
        entries = self.get(f"/v1/health/service/{urllib.parse.quote(name)}?passing") or []
        return sorted(f"{entry['Service']['Address'] or entry['Node']['Address']}:{entry['Service']['Port']}"
                      for entry in entries)

    def key(self, name):
        answer = http.get(self.where, f"/v1/kv/{name}?raw")
        return answer.text if answer.status == 200 else None

    def keys(self, prefix=""):
        return self.get(f"/v1/kv/{prefix}?keys") or []

    def clear(self):
        """No services, keys or sessions of an earlier test."""
        for service in self.services():
            self.put(f"/v1/agent/service/deregister/{urllib.parse.quote(service)}")
        http.request("DELETE", self.where, "/v1/kv/?recurse")
        for session in self.get("/v1/session/list"):
            self.put(f"/v1/session/destroy/{session['ID']}")
