package org.minihost.interop;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.pac4j.core.context.CallContext;
import org.pac4j.core.context.Cookie;
import org.pac4j.core.context.WebContext;
import org.pac4j.core.context.session.SessionStore;

/** A request of a browser to the web program, without any web framework. */
final class Page implements WebContext {
    private final URI url;
    private final Map<String, String[]> parameters = new HashMap<>();
    private final Map<String, Object> attributes = new HashMap<>();
    private final Map<String, String> responseHeaders = new HashMap<>();

    private Page(URI url) {
        this.url = url;
        if (url.getRawQuery() != null) {
            for (var pair : url.getRawQuery().split("&")) {
                var parts = pair.split("=", 2);
                parameters.put(decode(parts[0]), new String[] {decode(parts.length == 2 ? parts[1] : "")});
            }
        }
    }

    /** The request for this address in a browser whose session this is. */
    static CallContext at(URI url, Session session) {
        return new CallContext(new Page(url), session);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> getRequestParameter(String name) {
        return Optional.ofNullable(parameters.get(name)).map(values -> values[0]);
    }

    @Override
    public Map<String, String[]> getRequestParameters() {
        return parameters;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Optional getRequestAttribute(String name) {
        return Optional.ofNullable(attributes.get(name));
    }

    @Override
    public void setRequestAttribute(String name, Object value) {
        attributes.put(name, value);
    }

    @Override
    public Optional<String> getRequestHeader(String name) {
        return Optional.empty();
    }

    @Override
    public String getRequestMethod() {
        return "GET";
    }

    @Override
    public String getRemoteAddr() {
        return "127.0.0.1";
    }

    @Override
    public void setResponseHeader(String name, String value) {
        responseHeaders.put(name, value);
    }

    @Override
    public Optional<String> getResponseHeader(String name) {
        return Optional.ofNullable(responseHeaders.get(name));
    }

    @Override
    public void setResponseContentType(String content) {
        responseHeaders.put("Content-Type", content);
    }

    @Override
    public String getServerName() {
        return url.getHost();
    }

    @Override
    public int getServerPort() {
        return url.getPort() == -1 ? 443 : url.getPort();
    }

    @Override
    public String getScheme() {
        return url.getScheme();
    }

    @Override
    public boolean isSecure() {
        return "https".equals(url.getScheme());
    }

    @Override
    public String getFullRequestURL() {
        return url.toString();
    }

    @Override
    public Collection<Cookie> getRequestCookies() {
        return List.of();
    }

    @Override
    public void addResponseCookie(Cookie cookie) {
        throw new UnsupportedOperationException("the session needs no cookie");
    }

    @Override
    public String getPath() {
        return url.getPath();
    }

    /** What the web program remembers of a browser. */
    static final class Session implements SessionStore {
        private final Map<String, Object> values = new HashMap<>();

        @Override
        public Optional<String> getSessionId(WebContext context, boolean create) {
            return Optional.of("session");
        }

        @Override
        public Optional<Object> get(WebContext context, String key) {
            return Optional.ofNullable(values.get(key));
        }

        @Override
        public void set(WebContext context, String key, Object value) {
            values.put(key, value);
        }

        @Override
        public boolean destroySession(WebContext context) {
            values.clear();
            return true;
        }

        @Override
        public Optional<Object> getTrackableSession(WebContext context) {
            return Optional.of(this);
        }

        @Override
        public Optional<SessionStore> buildFromTrackableSession(WebContext context, Object session) {
            return Optional.of((SessionStore) session);
        }

        @Override
        public boolean renewSession(WebContext context) {
            return true;
        }
    }
}
