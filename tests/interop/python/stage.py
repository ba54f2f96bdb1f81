"""The stage (../src), as the tests here use it."""

import os

import requests

REDIRECT_URI = "https://program.example/callback"
"""Where codes are sent. Nobody listens there: the last step of a visit is read, never fetched."""


class Stage:
    """The control of a stage."""

    def __init__(self, address):
        self._address = address
        self.issuer = self._ask("/about")["issuer"]

    @property
    def metadata(self):
        """What the server says of itself (RFC 8414); some of it depends on its clients."""
        well_known = self.issuer + "/.well-known/oauth-authorization-server"
        return requests.get(well_known, timeout=10).json()

    @classmethod
    def from_environment(cls):
        address = os.environ.get("MINIHOST_INTEROP")
        assert address, "run by `minihost-interop -- pytest`, which names its address in MINIHOST_INTEROP"
        return cls(address)

    def register(self, **metadata):
        """Registers a client, described in the words of RFC 7591."""
        return self._ask("/clients", {"redirect_uris": [REDIRECT_URI]} | metadata)

    def new_user(self):
        return self._ask("/users", {})

    def visit(self, url, user, **rest):
        """Goes to an address as a user; `rest` may hold a decision, picks, and the name of a browser."""
        return self._ask("/visits", _credentials(user) | {"url": url} | rest)

    def code_from_host(self, user, **request):
        """Asks for a code as a host does."""
        return self._ask("/codes", _credentials(user) | {"redirect_uri": REDIRECT_URI} | request)

    def answer_in_host(self, user, client, user_code, decision):
        """Answers in a host, as its user, what a device shows."""
        body = {"client_id": client["client_id"], "user_code": user_code, "decision": decision}
        return self._ask("/approvals", _credentials(user) | body)

    def expire(self, client, tokens):
        """Makes the `access` or `refresh` tokens of a client expire."""
        return self._ask("/expiries", {"client_id": client["client_id"], "tokens": tokens})

    def _ask(self, path, body=None):
        method = "GET" if body is None else "POST"
        response = requests.request(method, self._address + path, json=body, timeout=30)
        assert response.ok, f"the stage refused {path}: {response.text}"
        return response.json()


def _credentials(user):
    return {"username": user["username"], "password": user["password"]}
