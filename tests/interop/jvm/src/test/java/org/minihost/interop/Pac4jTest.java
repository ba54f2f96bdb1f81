package org.minihost.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pac4j.core.config.properties.JwksProperties;
import org.pac4j.core.exception.http.FoundAction;
import org.pac4j.core.http.callback.NoParameterCallbackUrlResolver;
import org.pac4j.oidc.client.OidcClient;
import org.pac4j.oidc.config.OidcConfiguration;
import org.pac4j.oidc.config.method.PrivateKeyJwtClientAuthnMethodConfig;
import org.pac4j.oidc.profile.OidcProfile;

/** pac4j as a web program that its users sign in to in a browser. */
class Pac4jTest {
    private static final URI START = URI.create("https://program.example/");

    private final Stage stage = Stage.fromEnvironment();
    private Page.Session session = new Page.Session();

    @ParameterizedTest
    @ValueSource(strings = {"client_secret_basic", "client_secret_post"})
    void aUserSignsInAndTheTokensAreRefreshed(String method) {
        var user = stage.newUser();
        var registered = stage.register(Map.of("token_endpoint_auth_method", method));
        var configuration = configuration(registered, ClientAuthenticationMethod.parse(method));
        var client = client(configuration);

        var profile = signIn(client, user);
        assertEquals(user.email(), profile.getEmail());
        assertEquals(List.of(registered.id()), profile.getAudience());

        var renewed = (OidcProfile) client.renewUserProfile(Page.at(START, session), profile).orElseThrow();
        assertEquals(profile.getSubject(), renewed.getSubject());
        assertNotEquals(profile.getAccessToken().getValue(), renewed.getAccessToken().getValue());
    }

    @Test
    void aRequestIsPushed() {
        var user = stage.newUser();
        var registered = stage.register(Map.of("require_pushed_authorization_requests", true));
        var configuration = configuration(registered, ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
        assertThrows(Throwable.class, () -> signIn(client(configuration), user));

        var pushing = configuration(registered, ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
        pushing.setPushedAuthorizationRequest(true);
        assertEquals(user.email(), signIn(client(pushing), user).getEmail());
    }

    @Test
    void aClientProvesWhoItIsWithAKey(@TempDir Path directory) throws Exception {
        var user = stage.newUser();
        var key = new ECKeyGenerator(Curve.P_256).keyID("1").keyUse(KeyUse.SIGNATURE).generate();
        var registered = stage.register(Map.of(
            "token_endpoint_auth_method", "private_key_jwt",
            "jwks", Map.of("keys", List.of(key.toPublicJWK().toJSONObject()))));
        var configuration = configuration(registered, ClientAuthenticationMethod.PRIVATE_KEY_JWT);
        var file = Files.writeString(directory.resolve("keys.json"), new JWKSet(key).toString(false));
        var keys = new JwksProperties().setJwksPath(file.toUri().toString()).setKid("1");
        configuration.setPrivateKeyJwtClientAuthnMethodConfig(new PrivateKeyJwtClientAuthnMethodConfig(keys));
        assertEquals(user.email(), signIn(client(configuration), user).getEmail());
    }

    private OidcConfiguration configuration(Stage.Client client, ClientAuthenticationMethod method) {
        var configuration = new OidcConfiguration();
        configuration.setDiscoveryURI(stage.issuer() + "/.well-known/openid-configuration");
        configuration.setClientId(client.id());
        configuration.setSecret(client.secret());
        configuration.setClientAuthenticationMethod(method);
        configuration.setScope("openid email");
        configuration.setUseNonce(true);
        // An ID token from a refresh has no nonce (OpenID Connect Core §12.2).
        configuration.setUseNonceOnRefresh(false);
        return configuration;
    }

    private OidcClient client(OidcConfiguration configuration) {
        var client = new OidcClient(configuration);
        client.setCallbackUrl(Stage.REDIRECT.toString());
        client.setCallbackUrlResolver(new NoParameterCallbackUrlResolver());
        client.init();
        return client;
    }

    private OidcProfile signIn(OidcClient client, Stage.User user) {
        session = new Page.Session();
        var action = client.getRedirectionAction(Page.at(START, session)).orElseThrow();
        var answer = stage.visit(((FoundAction) action).getLocation(), user);
        assertTrue(answer.toString().startsWith(Stage.REDIRECT + "?"), answer.toString());
        var callback = Page.at(answer, session);
        var credentials = client.getCredentials(callback).orElseThrow();
        var validated = client.validateCredentials(callback, credentials).orElseThrow();
        return (OidcProfile) client.getUserProfile(callback, validated).orElseThrow();
    }
}
