"""Glewlwyd on the loopback interface with a host's user and a mini-program, from unpacked Debian packages.

usage: start.py ROOT WORK, where ROOT holds what the packages hold and WORK is empty. One JSON line on
standard output says what a settings file has to know. It ends with its standard input.
"""

import gzip
import json
import pathlib
import re
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar

REDIRECT_URI = "https://program.example/callback"
SCOPES = ["openid", "profile", "email"]
# What an installation begins with.
ADMIN = {"username": "admin", "password": "password"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configuration(root, work, origin, port):
    sample = gzip.open(root / "usr/share/doc/glewlwyd/glewlwyd.conf.sample.gz", "rt").read()
    # Without `cookie_domain`: an address in a cookie's Domain makes every jar drop it.
    sample = re.sub(r'^cookie_domain=.*$', "", sample, flags=re.M)
    settings = {
        "port": str(port),
        "bind_address": '"127.0.0.1"',
        "external_url": f'"{origin}"',
        "static_files_path": f'"{root}/usr/share/glewlwyd/webapp/"',
        "cookie_secure": "0",
        "user_module_path": f'"{root}/usr/lib/glewlwyd/user"',
        "user_middleware_module_path": f'"{work}/none"',
        "client_module_path": f'"{root}/usr/lib/glewlwyd/client"',
        "user_auth_scheme_module_path": f'"{root}/usr/lib/glewlwyd/scheme"',
        "plugin_module_path": f'"{root}/usr/lib/glewlwyd/plugin"',
        "log_mode": '"file"',
        "log_file": f'"{work}/glewlwyd.log"',
    }
    for name, value in settings.items():
        sample, count = re.subn(rf'^#?{name}=.*$', f"{name}={value}", sample, flags=re.M)
        assert count, f"the sample configuration has no {name}"
    return sample.replace("/var/cache/glewlwyd/glewlwyd.db", f"{work}/glewlwyd.db")


class Admin:
    """The administrator's session."""

    def __init__(self, origin):
        self.origin = origin
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def call(self, method, path, body):
        request = urllib.request.Request(
            f"{self.origin}/api{path}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method=method,
        )
        try:
            return self.opener.open(request, timeout=10).read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path} answered {error.code}: {error.read().decode()}")

    def wait(self, child):
        while child.poll() is None:
            try:
                return self.opener.open(f"{self.origin}/api/", timeout=10)
            except urllib.error.HTTPError:
                return None
            except urllib.error.URLError:
                time.sleep(0.02)
        raise SystemExit("glewlwyd ended at once")


def seed(admin, origin, password, secret):
    admin.call("POST", "/auth/", ADMIN)
    for scope in SCOPES[1:]:
        admin.call("POST", "/scope/", {"name": scope, "display_name": scope, "password_required": False})
    admin.call(
        "PUT", "/scope/openid",
        {"name": "openid", "display_name": "Open ID", "password_required": True, "password_max_age": 0, "scheme": {}},
    )
    parameters = {
        "iss": f"{origin}/api/oidc",
        "oauth-as-iss-id": True,
        "jwt-type": "sha",
        "jwt-key-size": "256",
        "key": secrets.token_urlsafe(48),
        "access-token-duration": 4,
        "refresh-token-duration": 3600,
        "code-duration": 60,
        "refresh-token-rolling": False,
        "refresh-token-one-use": "always",
        "allow-non-oidc": True,
        "auth-type-code-enabled": True,
        "auth-type-code-revoke-replayed": True,
        "auth-type-token-enabled": False,
        "auth-type-id-token-enabled": False,
        "auth-type-none-enabled": False,
        "auth-type-password-enabled": False,
        "auth-type-client-enabled": False,
        "auth-type-device-enabled": False,
        "auth-type-refresh-enabled": True,
        "pkce-allowed": True,
        "pkce-required": True,
        "pkce-method-plain-allowed": False,
        "introspection-revocation-allowed": True,
        "introspection-revocation-allow-target-client": True,
        "allowed-scope": ["openid"],
        "scope": [],
        "additional-parameters": [],
        "claims": [],
        "name-claim": "mandatory",
        "email-claim": "mandatory",
    }
    admin.call(
        "POST", "/mod/plugin/",
        {"module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "parameters": parameters},
    )
    admin.call(
        "POST", "/user/",
        {"username": "alice", "password": password, "name": "Alice", "email": "alice@mail.example",
         "scope": SCOPES, "enabled": True},
    )
    admin.call(
        "POST", "/client/",
        {"client_id": "program", "name": "Program", "client_secret": secret, "confidential": True, "enabled": True,
         "redirect_uri": [REDIRECT_URI], "authorization_type": ["code", "refresh_token"],
         "token_endpoint_auth_method": ["client_secret_basic"], "scope": []},
    )


def main():
    root, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    (work / "none").mkdir()
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    (work / "glewlwyd.conf").write_text(configuration(root, work, origin, port))
    schema = gzip.open(root / "usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz", "rt").read()
    with sqlite3.connect(work / "glewlwyd.db") as database:
        database.executescript(schema)
    libraries = next((root / "usr/lib").glob("*-linux-gnu"))
    child = subprocess.Popen(
        [root / "usr/bin/glewlwyd", f"--config-file={work}/glewlwyd.conf"],
        env={"LD_LIBRARY_PATH": str(libraries)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )
    try:
        admin = Admin(origin)
        admin.wait(child)
        password, secret = secrets.token_urlsafe(18), secrets.token_urlsafe(24)
        seed(admin, origin, password, secret)
        told = {"ORIGIN": origin, "USER_PASSWORD": password, "PROGRAM_SECRET": secret}
        print(json.dumps(told), flush=True)
        sys.stdin.read()
    finally:
        child.terminate()
        child.wait()


main()
