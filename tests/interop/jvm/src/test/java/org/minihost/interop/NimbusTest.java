package org.minihost.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.Map;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.PushedAuthorizationRequest;
import com.nimbusds.oauth2.sdk.PushedAuthorizationResponse;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenIntrospectionRequest;
import com.nimbusds.oauth2.sdk.TokenIntrospectionResponse;
import com.nimbusds.oauth2.sdk.TokenIntrospectionSuccessResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenRevocationRequest;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.dpop.DefaultDPoPProofFactory;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.Tokens;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import org.junit.jupiter.api.Test;

/** The OAuth library beneath pac4j, for what pac4j itself leaves to its users. */
class NimbusTest {
    private final Stage stage = Stage.fromEnvironment();

    /** What the server says of itself; some of it depends on its clients. */
    private OIDCProviderMetadata server() throws Exception {
        return OIDCProviderMetadata.resolve(new Issuer(stage.issuer()));
    }

    @Test
    void tokensAreIntrospectedAndRevoked() throws Exception {
        var user = stage.newUser();
        var client = credentials(stage.register(Map.of()));
        var verifier = new CodeVerifier();
        var tokens = redeem(client, grant(client, verifier, user), null);

        assertEquals(user.email(), details(tokens.getAccessToken(), null).toSuccessResponse().getUserInfo().getEmailAddress());
        var active = (TokenIntrospectionSuccessResponse) introspect(client, tokens.getAccessToken());
        assertTrue(active.isActive());
        assertEquals(client.getClientID(), active.getClientID());

        var revocation = new TokenRevocationRequest(server().getRevocationEndpointURI(), client, tokens.getRefreshToken());
        assertTrue(revocation.toHTTPRequest().send().indicatesSuccess());
        assertFalse(((TokenIntrospectionSuccessResponse) introspect(client, tokens.getAccessToken())).isActive());
        assertEquals(401, details(tokens.getAccessToken(), null).toErrorResponse().getErrorObject().getHTTPStatusCode());
    }

    @Test
    void tokensAreBoundToAKey() throws Exception {
        var user = stage.newUser();
        var client = credentials(stage.register(Map.of("dpop_bound_access_tokens", true)));
        var proofs = proofs();
        var tokens = redeem(client, grant(client, new CodeVerifier(), user), proofs);
        assertEquals(AccessTokenType.DPOP, tokens.getAccessToken().getType());
        assertEquals(user.email(), details(tokens.getAccessToken(), proofs).toSuccessResponse().getUserInfo().getEmailAddress());
        assertFalse(details(tokens.getAccessToken(), proofs()).indicatesSuccess());

        var refreshed = redeem(client, new RefreshTokenGrant(tokens.getRefreshToken()), proofs);
        assertEquals(AccessTokenType.DPOP, refreshed.getAccessToken().getType());
        assertTrue(details(refreshed.getAccessToken(), proofs).indicatesSuccess());
    }

    @Test
    void a2CredentialsOfAnyCharacterAreUnderstood() throws Exception {
        var client = credentials(stage.register(Map.of(
            "client_id", "nimbus:1%2B+&=?/\"'<>\\~",
            "client_secret", " :%+&=?/\"'<>\\~ a secret: 100%+sure, %41 ",
            "grant_types", List.of("client_credentials"),
            "scope", "stock:read")));
        redeem(client, new ClientCredentialsGrant(), null);
    }

    private static ClientSecretBasic credentials(Stage.Client client) {
        return new ClientSecretBasic(new ClientID(client.id()), new Secret(client.secret()));
    }

    private static DefaultDPoPProofFactory proofs() throws Exception {
        return new DefaultDPoPProofFactory(new ECKeyGenerator(Curve.P_256).generate(), JWSAlgorithm.ES256);
    }

    /** Pushes a request, signs the user in, and returns what the code is redeemed with. */
    private AuthorizationCodeGrant grant(ClientSecretBasic client, CodeVerifier verifier, Stage.User user)
        throws Exception {
        var state = new State();
        var request = new AuthorizationRequest.Builder(ResponseType.CODE, client.getClientID())
            .redirectionURI(Stage.REDIRECT)
            .scope(new Scope("openid", "email"))
            .state(state)
            .codeChallenge(verifier, CodeChallengeMethod.S256)
            .build();
        var endpoint = server().getPushedAuthorizationRequestEndpointURI();
        var answer = new PushedAuthorizationRequest(endpoint, client, request).toHTTPRequest().send();
        var pushed = PushedAuthorizationResponse.parse(answer).toSuccessResponse();
        var url = new AuthorizationRequest.Builder(pushed.getRequestURI(), client.getClientID())
            .endpointURI(server().getAuthorizationEndpointURI())
            .build()
            .toURI();
        var response = AuthorizationResponse.parse(stage.visit(url.toString(), user)).toSuccessResponse();
        assertEquals(state, response.getState());
        assertEquals(server().getIssuer(), response.getIssuer());
        return new AuthorizationCodeGrant(response.getAuthorizationCode(), Stage.REDIRECT, verifier);
    }

    private Tokens redeem(
        ClientSecretBasic client, com.nimbusds.oauth2.sdk.AuthorizationGrant grant, DefaultDPoPProofFactory proofs)
        throws Exception {
        var request = new TokenRequest.Builder(server().getTokenEndpointURI(), client, grant).build().toHTTPRequest();
        var response = OIDCTokenResponseParser.parse(send(request, proofs, null));
        assertTrue(response.indicatesSuccess(), () -> description(response.toErrorResponse().getErrorObject()));
        return response.toSuccessResponse().getTokens();
    }

    private UserInfoResponse details(AccessToken token, DefaultDPoPProofFactory proofs) throws Exception {
        URI endpoint = server().getUserInfoEndpointURI();
        HTTPRequest request = new UserInfoRequest(endpoint, token).toHTTPRequest();
        return UserInfoResponse.parse(send(request, proofs, token));
    }

    /** Sends with a proof, and once more where the server wants its nonce in it (RFC 9449 §8). */
    private static HTTPResponse send(HTTPRequest request, DefaultDPoPProofFactory proofs, AccessToken token)
        throws Exception {
        if (proofs == null) {
            return request.send();
        }
        request.setDPoP(proofs.createDPoPJWT(request.getMethod().name(), request.getURI(), token, null));
        var response = request.send();
        var nonce = response.getDPoPNonce();
        if (response.indicatesSuccess() || nonce == null) {
            return response;
        }
        request.setDPoP(proofs.createDPoPJWT(request.getMethod().name(), request.getURI(), token, nonce));
        return request.send();
    }

    private TokenIntrospectionResponse introspect(ClientSecretBasic client, AccessToken token) throws Exception {
        var request = new TokenIntrospectionRequest(server().getIntrospectionEndpointURI(), client, token);
        return TokenIntrospectionResponse.parse(request.toHTTPRequest().send());
    }

    private static String description(ErrorObject error) {
        return error.getCode() + ": " + error.getDescription();
    }
}
