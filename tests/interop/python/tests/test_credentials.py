"""Credentials of every character that RFC 6749 appendix A has.

In a header both libraries leave out the encoding of RFC 6749 §2.3.1, so theirs go into the form.
"""

from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

SECRET = " :%+&=?/\"'<>\\~ a secret: 100%+sure, %41 "


def register(stage, name):
    return stage.register(
        client_id=f"{name}:1%2B+&=?/\"'<>\\~",
        client_secret=SECRET,
        grant_types=["client_credentials"],
        scope="stock:read",
    )


def test_a2_authlib_sends_odd_credentials(stage):
    client = register(stage, "authlib")
    method = "client_secret_post"
    oauth = AuthlibSession(client["client_id"], SECRET, token_endpoint_auth_method=method)
    token = oauth.fetch_token(stage.metadata["token_endpoint"], grant_type="client_credentials")
    assert token["access_token"]


def test_a2_requests_oauthlib_sends_odd_credentials(stage):
    client = register(stage, "requests-oauthlib")
    oauth = OAuth2Session(client=BackendApplicationClient(client["client_id"]))
    token = oauth.fetch_token(
        stage.metadata["token_endpoint"], client_secret=SECRET, include_client_id=True
    )
    assert token["access_token"]
