"""requests-oauthlib as a web program that its users sign in to in a browser."""

from urllib.parse import parse_qs, urlsplit

import pytest
from oauthlib.oauth2 import (
    AccessDeniedError,
    InvalidGrantError,
    MobileApplicationClient,
    WebApplicationClient,
)
from requests_oauthlib import OAuth2Session

from stage import REDIRECT_URI

SCOPE = ["email", "openid"]


def sign_in(stage, user, oauth, **rest):
    """Goes to the authorization endpoint, and returns the address that the browser is sent back to."""
    url, state = oauth.authorization_url(stage.metadata["authorization_endpoint"])
    arrival = stage.visit(url, user, **rest)
    assert arrival["location"], arrival["text"]
    answer = urlsplit(arrival["location"])
    assert parse_qs(answer.query or answer.fragment)["state"] == [state]
    return arrival["location"]


def details_of(stage, oauth):
    response = oauth.get(stage.metadata["userinfo_endpoint"])
    response.raise_for_status()
    return response.json()


def revoke(stage, oauth, client, token):
    url, headers, body = oauth._client.prepare_token_revocation_request(
        stage.metadata["revocation_endpoint"], token, token_type_hint="refresh_token"
    )
    credentials = (client["client_id"], client["client_secret"])
    return oauth.request("POST", url, data=body, headers=headers, auth=credentials, withhold_token=True)


def test_a_code_with_pkce_gives_tokens_that_are_refreshed_and_revoked(stage, user):
    client = stage.register()
    oauth = OAuth2Session(client["client_id"], scope=SCOPE, redirect_uri=REDIRECT_URI, pkce="S256")
    token = oauth.fetch_token(
        stage.metadata["token_endpoint"],
        authorization_response=sign_in(stage, user, oauth),
        client_secret=client["client_secret"],
    )
    assert token["scope"] == SCOPE
    assert details_of(stage, oauth)["email"] == user["email"]

    credentials = (client["client_id"], client["client_secret"])
    refreshed = oauth.refresh_token(stage.metadata["token_endpoint"], auth=credentials)
    assert refreshed["access_token"] != token["access_token"]
    assert details_of(stage, oauth)["email"] == user["email"]

    assert revoke(stage, oauth, client, refreshed["refresh_token"]).status_code == 200
    assert oauth.get(stage.metadata["userinfo_endpoint"]).status_code == 401
    with pytest.raises(InvalidGrantError):
        oauth.refresh_token(stage.metadata["token_endpoint"], auth=credentials)


def test_a_user_who_declines_is_an_error_that_the_library_knows(stage, user):
    client = stage.register()
    oauth = OAuth2Session(client["client_id"], scope=SCOPE, redirect_uri=REDIRECT_URI, pkce="S256")
    with pytest.raises(AccessDeniedError):
        oauth.fetch_token(
            stage.metadata["token_endpoint"],
            authorization_response=sign_in(stage, user, oauth, decision="deny"),
            client_secret=client["client_secret"],
        )


def test_a_public_client_without_a_secret_signs_its_user_in(stage, user):
    client = stage.register(token_endpoint_auth_method="none")
    oauth = OAuth2Session(client["client_id"], scope=SCOPE, redirect_uri=REDIRECT_URI, pkce="S256")
    oauth.fetch_token(
        stage.metadata["token_endpoint"],
        authorization_response=sign_in(stage, user, oauth),
        include_client_id=True,
    )
    assert details_of(stage, oauth)["email"] == user["email"]


def test_the_implicit_grant_gives_a_token_in_the_fragment_and_no_other(stage, user):
    client = stage.register(token_endpoint_auth_method="none", grant_types=["implicit"])
    library = MobileApplicationClient(client["client_id"])
    oauth = OAuth2Session(client=library, scope=SCOPE, redirect_uri=REDIRECT_URI)
    location = sign_in(stage, user, oauth)
    assert not urlsplit(location).query
    token = oauth.token_from_fragment(location)
    assert "refresh_token" not in token and token["scope"] == SCOPE
    assert details_of(stage, oauth)["email"] == user["email"]
