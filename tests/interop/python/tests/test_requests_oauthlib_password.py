"""requests-oauthlib with the resource owner's password."""

import pytest
from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient
from requests_oauthlib import OAuth2Session

GRANTS = ["password", "refresh_token"]


def session(client, **options):
    # The session alone would not put the scope into a request for tokens.
    scope = ["openid", "profile"]
    library = LegacyApplicationClient(client["client_id"], scope=scope)
    return OAuth2Session(client=library, scope=scope, **options)


def test_a_password_is_exchanged_and_the_details_read(stage, user):
    client = stage.register(grant_types=GRANTS)
    oauth = session(client)
    token = oauth.fetch_token(
        stage.metadata["token_endpoint"],
        username=user["username"],
        password=user["password"],
        client_id=client["client_id"],
        client_secret=client["client_secret"],
    )
    assert token["token_type"] == "Bearer"
    details = oauth.get(stage.metadata["userinfo_endpoint"]).json()
    assert details["preferred_username"] == user["username"]


def test_an_expired_token_is_refreshed_by_the_library(stage, user):
    client = stage.register(grant_types=GRANTS)
    seen = []
    oauth = session(
        client,
        auto_refresh_url=stage.metadata["token_endpoint"],
        auto_refresh_kwargs={"client_id": client["client_id"], "client_secret": client["client_secret"]},
        token_updater=seen.append,
    )
    token = oauth.fetch_token(
        stage.metadata["token_endpoint"],
        username=user["username"],
        password=user["password"],
        client_id=client["client_id"],
        client_secret=client["client_secret"],
    )
    stage.expire(client, "access")
    # The library looks at its own clock, so it is told what the server knows.
    oauth.token = dict(token, expires_at=1)
    assert oauth.get(stage.metadata["userinfo_endpoint"]).ok
    assert [new["access_token"] == token["access_token"] for new in seen] == [False]


def test_a_wrong_password_is_an_error_of_rfc_6749(stage, user):
    client = stage.register(grant_types=GRANTS)
    with pytest.raises(InvalidGrantError):
        session(client).fetch_token(
            stage.metadata["token_endpoint"],
            username=user["username"],
            password="wrong",
            client_id=client["client_id"],
            client_secret=client["client_secret"],
        )
