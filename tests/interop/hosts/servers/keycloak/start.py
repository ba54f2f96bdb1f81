"""Keycloak on the loopback interface with a host's user and a mini-program, from what its archive holds.

usage: start.py ROOT, where ROOT holds the built server and, from its second start on, its database. One JSON
line on standard output says what a settings file has to know. It ends with its standard input.
"""

import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

REALM = "interop"
REDIRECT_URI = "https://program.example/callback"
SECONDS_TO_START = 230
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(method, url, token=None, form=None, body=None, missing_is_fine=False):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    data = None
    if form is not None:
        data = urllib.parse.urlencode(form).encode()
    elif body is not None:
        data, headers["content-type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        answer = OPENER.open(request, timeout=60).read()
        return json.loads(answer) if answer else None
    except urllib.error.HTTPError as error:
        if error.code == 404 and missing_is_fine:
            return None
        raise SystemExit(f"{method} {url} answered {error.code}: {error.read().decode()}")


def wait(child, origin):
    deadline = time.monotonic() + SECONDS_TO_START
    while child.poll() is None and time.monotonic() < deadline:
        try:
            OPENER.open(f"{origin}/realms/master", timeout=60).read()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise SystemExit("Keycloak does not start; its log is beside the database")


def administrator(root):
    """The database keeps whom it was made with, so the password is kept beside it."""
    kept = root / "administrator"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(24))
    return {"username": "interop", "password": kept.read_text()}


def client(name, secret, **more):
    return {
        "clientId": name, "secret": secret, "enabled": True, "protocol": "openid-connect",
        "publicClient": False, "standardFlowEnabled": False, "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False, **more,
    }


def seed(origin, admin, password, host_secret, program_secret):
    token = call("POST", f"{origin}/realms/master/protocol/openid-connect/token",
                 form={"grant_type": "password", "client_id": "admin-cli", **admin})["access_token"]
    call("DELETE", f"{origin}/admin/realms/{REALM}", token, missing_is_fine=True)
    realm = {
        "realm": REALM, "enabled": True, "sslRequired": "none",
        "accessTokenLifespan": 60, "revokeRefreshToken": True, "refreshTokenMaxReuse": 0,
        "users": [
            {"username": "alice", "enabled": True, "email": "alice@mail.example", "emailVerified": True,
             "firstName": "Alice", "lastName": "Example", "realmRoles": [f"default-roles-{REALM}"],
             "credentials": [{"type": "password", "value": password, "temporary": False}]},
            {"username": "service-account-host", "enabled": True, "serviceAccountClientId": "host",
             "clientRoles": {"realm-management": ["impersonation"]}},
        ],
        "clients": [
            client("host", host_secret, directAccessGrantsEnabled=True, serviceAccountsEnabled=True),
            client("program", program_secret, standardFlowEnabled=True, consentRequired=True,
                   redirectUris=[REDIRECT_URI], defaultClientScopes=["basic"],
                   optionalClientScopes=["profile", "email"],
                   attributes={"pkce.code.challenge.method": "S256", "access.token.lifespan": "4"}),
        ],
    }
    call("POST", f"{origin}/admin/realms", token, body=realm)
    scopes = call("GET", f"{origin}/admin/realms/{REALM}/client-scopes", token)
    return {f"{scope['name'].upper()}_SCOPE": scope["id"] for scope in scopes if scope["name"] in ("email", "profile")}


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    port, management = free_port(), free_port()
    origin = f"http://127.0.0.1:{port}"
    admin = administrator(root)
    with open(root / "log", "w") as log:
        child = subprocess.Popen(
            [root / "bin/kc.sh", "start", "--optimized", "--http-enabled=true", "--hostname-strict=false",
             "--http-host=127.0.0.1", f"--http-port={port}", f"--http-management-port={management}", "--cache=local"],
            env={**os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": admin["username"],
                 "KC_BOOTSTRAP_ADMIN_PASSWORD": admin["password"]},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )
    try:
        wait(child, origin)
        password, host, program = (secrets.token_urlsafe(24) for _ in range(3))
        scopes = seed(origin, admin, password, host, program)
        told = {"ORIGIN": origin, "USER_PASSWORD": password, "HOST_SECRET": host, "PROGRAM_SECRET": program}
        print(json.dumps({**told, **scopes}), flush=True)
        sys.stdin.read()
    finally:
        # The script starts a JVM, which is in the same group and must not outlive it.
        os.killpg(child.pid, signal.SIGTERM)
        child.wait()


main()
