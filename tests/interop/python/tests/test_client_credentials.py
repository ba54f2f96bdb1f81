"""Authlib and requests-oauthlib for themselves, without a user."""

import pytest
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session


@pytest.fixture
def client(stage):
    return stage.register(grant_types=["client_credentials"], scope="stock:read")


def test_authlib_gets_a_token(stage, client):
    oauth = AuthlibSession(client["client_id"], client["client_secret"], scope="stock:read")
    token = oauth.fetch_token(stage.metadata["token_endpoint"], grant_type="client_credentials")
    assert token["scope"] == "stock:read" and "refresh_token" not in token


def test_requests_oauthlib_gets_a_token(stage, client):
    library = BackendApplicationClient(client["client_id"], scope=["stock:read"])
    oauth = OAuth2Session(client=library, scope=["stock:read"])
    secret = client["client_secret"]
    token = oauth.fetch_token(stage.metadata["token_endpoint"], client_secret=secret)
    assert token["scope"] == ["stock:read"] and "refresh_token" not in token
