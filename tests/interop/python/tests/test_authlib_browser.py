"""Authlib's session of requests, as a web program that its users sign in to in a browser."""

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from stage import REDIRECT_URI

SCOPE = "openid email"


def session(stage, client, method="client_secret_basic", secret=None):
    return OAuth2Session(
        client["client_id"],
        secret or client.get("client_secret"),
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        token_endpoint=stage.metadata["token_endpoint"],
        redirect_uri=REDIRECT_URI,
        scope=SCOPE,
        code_challenge_method="S256",
    )


def sign_in(stage, user, oauth, **parameters):
    verifier = generate_token(48)
    url, state = oauth.create_authorization_url(
        stage.metadata["authorization_endpoint"], code_verifier=verifier, **parameters
    )
    arrival = stage.visit(url, user)
    assert arrival["location"], arrival["text"]
    return oauth.fetch_token(
        stage.metadata["token_endpoint"],
        authorization_response=arrival["location"],
        state=state,
        code_verifier=verifier,
    )


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_a_user_signs_in_and_the_tokens_are_introspected_and_revoked(stage, user, method):
    client = stage.register(token_endpoint_auth_method=method)
    oauth = session(stage, client, method)
    token = sign_in(stage, user, oauth)
    userinfo = stage.metadata["userinfo_endpoint"]
    assert oauth.get(userinfo).json()["email"] == user["email"]

    if method != "none":
        url = stage.metadata["introspection_endpoint"]
        told = oauth.introspect_token(url, token["access_token"]).json()
        assert told["active"] and told["client_id"] == client["client_id"]

    revocation = stage.metadata["revocation_endpoint"]
    assert oauth.revoke_token(revocation, token["refresh_token"], "refresh_token").ok
    assert oauth.get(userinfo).status_code == 401


def test_the_id_token_is_signed_by_a_published_key_for_this_client(stage, user):
    client = stage.register()
    token = sign_in(stage, user, session(stage, client), nonce="n-0S6_WzA2Mj")
    keys = KeySet.import_key_set(requests.get(stage.metadata["jwks_uri"], timeout=10).json())
    claims = jwt.decode(token["id_token"], keys).claims
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": stage.issuer},
        aud={"essential": True, "value": client["client_id"]},
        nonce={"essential": True, "value": "n-0S6_WzA2Mj"},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(claims)


@pytest.mark.parametrize("alg, key", [("ES256", ECKey), ("PS256", RSAKey)])
def test_a_client_proves_who_it_is_with_a_key(stage, user, alg, key):
    private = key.generate_key("P-256" if key is ECKey else 2048, {"use": "sig", "kid": "1"})
    client = stage.register(
        token_endpoint_auth_method="private_key_jwt", jwks={"keys": [private.as_dict(private=False)]}
    )
    oauth = session(stage, client, "private_key_jwt", private)
    method = PrivateKeyJWT(stage.metadata["token_endpoint"], alg=alg, headers={"kid": "1"})
    oauth.register_client_auth_method(method)
    token = sign_in(stage, user, oauth)
    assert oauth.get(stage.metadata["userinfo_endpoint"]).json()["email"] == user["email"]
    refreshed = oauth.refresh_token(stage.metadata["token_endpoint"])
    assert refreshed["access_token"] != token["access_token"]
