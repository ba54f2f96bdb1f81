"""Authlib's session of requests."""

import pytest
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from stage import REDIRECT_URI

SCOPE = "openid email"


def session(stage, client, method="client_secret_basic", **options):
    return OAuth2Session(
        client["client_id"],
        client.get("client_secret"),
        token_endpoint_auth_method=method,
        token_endpoint=stage.metadata["token_endpoint"],
        redirect_uri=REDIRECT_URI,
        scope=SCOPE,
        **options,
    )


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_a_code_from_a_host_is_redeemed_and_refreshed_once_it_expires(stage, user, method):
    client = stage.register(token_endpoint_auth_method=method)
    seen = []
    oauth = session(stage, client, method, update_token=lambda token, **_: seen.append(token))
    verifier = generate_token(48)
    issued = stage.code_from_host(
        user,
        client_id=client["client_id"],
        scope=SCOPE,
        code_challenge=create_s256_code_challenge(verifier),
    )
    token = oauth.fetch_token(
        stage.metadata["token_endpoint"], code=issued["code"], code_verifier=verifier
    )
    assert sorted(token["scope"].split()) == SCOPE.split(" ")[::-1]
    userinfo = stage.metadata["userinfo_endpoint"]
    assert oauth.get(userinfo).json()["email"] == user["email"]

    stage.expire(client, "access")
    # The library looks at its own clock, so it is told what the server knows.
    oauth.token = dict(token, expires_at=1)
    assert oauth.get(userinfo).json()["email"] == user["email"]
    assert [new["access_token"] == token["access_token"] for new in seen] == [False]
