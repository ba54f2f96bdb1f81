package org.minihost.interop;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import net.minidev.json.JSONObject;

/** The stage (../src of the Rust package), as the tests here use it. */
final class Stage {
    /** Where codes are sent. Nobody listens there: the last step of a visit is read, never fetched. */
    static final URI REDIRECT = URI.create("https://program.example/callback");

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String control;
    private final String issuer;

    private Stage(String control) {
        this.control = control;
        var about = ask("/about", null);
        this.issuer = (String) about.get("issuer");
        trust((String) about.get("authority"));
    }

    static Stage fromEnvironment() {
        var control = System.getenv("MINIHOST_INTEROP");
        if (control == null) {
            throw new IllegalStateException("run by `minihost-interop -- mvn test`, which sets MINIHOST_INTEROP");
        }
        return new Stage(control);
    }

    /** Lets every connection of this process, and no other, trust the stage's own authority. */
    private static void trust(String authority) {
        try {
            var keys = KeyStore.getInstance(KeyStore.getDefaultType());
            keys.load(null, null);
            var pem = new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII));
            keys.setCertificateEntry("stage", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(keys);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            SSLContext.setDefault(context);
        } catch (GeneralSecurityException | IOException error) {
            throw new IllegalStateException(error);
        }
    }

    String issuer() {
        return issuer;
    }

    /** Registers a client, described in the words of RFC 7591. */
    Client register(Map<String, Object> metadata) {
        var all = new HashMap<String, Object>(metadata);
        all.putIfAbsent("redirect_uris", List.of(REDIRECT.toString()));
        var client = ask("/clients", all);
        return new Client((String) client.get("client_id"), (String) client.get("client_secret"));
    }

    User newUser() {
        var user = ask("/users", Map.of());
        return new User((String) user.get("username"), (String) user.get("password"), (String) user.get("email"));
    }

    /** Goes to an address as a user, and returns the address that the browser is sent back to. */
    URI visit(String url, User user) {
        var arrival =
            ask("/visits", Map.of("url", url, "username", user.username, "password", user.password));
        if (arrival.get("location") == null) {
            throw new AssertionError("the browser was not sent back: " + arrival.get("text"));
        }
        return URI.create((String) arrival.get("location"));
    }

    private JSONObject ask(String path, Map<String, Object> body) {
        var request = HttpRequest.newBuilder(URI.create(control + path)).header("content-type", "application/json");
        if (body != null) {
            request.POST(HttpRequest.BodyPublishers.ofString(new JSONObject(body).toJSONString()));
        }
        try {
            var response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError("the stage refused " + path + ": " + response.body());
            }
            return JSONObjectUtils.parse(response.body());
        } catch (IOException | ParseException error) {
            throw new IllegalStateException(error);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(error);
        }
    }

    record Client(String id, String secret) {}

    record User(String username, String password, String email) {}
}
