"""requests-oauthlib with a user who answers elsewhere (RFC 8628)."""

import pytest
from oauthlib.oauth2 import AccessDeniedError, DeviceClient
from requests_oauthlib import OAuth2Session

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = ["email", "openid"]


class Device:
    def __init__(self, stage):
        self.stage = stage
        grant_types = [DEVICE, "refresh_token"]
        self.client = stage.register(token_endpoint_auth_method="none", grant_types=grant_types)
        library = DeviceClient(self.client["client_id"], scope=SCOPE)
        self.oauth = OAuth2Session(client=library, scope=SCOPE)
        # The library makes the requests of the token endpoint; that before them is left to its caller.
        self.shown = self.oauth.post(
            stage.metadata["device_authorization_endpoint"],
            data={"client_id": self.client["client_id"], "scope": " ".join(SCOPE)},
            withhold_token=True,
        ).json()

    def fetch_token(self):
        return self.oauth.fetch_token(
            self.stage.metadata["token_endpoint"],
            device_code=self.shown["device_code"],
            include_client_id=True,
        )


def test_a_device_gets_tokens_once_its_user_has_approved_in_the_host(stage, user):
    device = Device(stage)
    stage.answer_in_host(user, device.client, device.shown["user_code"], "approve")
    assert device.fetch_token()["scope"] == SCOPE
    details = device.oauth.get(stage.metadata["userinfo_endpoint"]).json()
    assert details["email"] == user["email"]


def test_a_device_is_told_when_its_user_declines_in_the_host(stage, user):
    device = Device(stage)
    stage.answer_in_host(user, device.client, device.shown["user_code"], "deny")
    with pytest.raises(AccessDeniedError):
        device.fetch_token()
