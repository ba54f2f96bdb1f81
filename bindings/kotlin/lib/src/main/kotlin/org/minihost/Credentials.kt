package org.minihost

import org.minihost.ffi.ClientCredentials
import org.minihost.internal.ForeignSigner
import org.minihost.internal.HostLink
import org.minihost.internal.SdkThreads
import org.minihost.internal.toFfi
import org.minihost.internal.toPublic
import org.minihost.internal.translated

/**
 * How a host proves to the authorization server that it is the client it says it is. Secrets go in and never come out.
 *
 * A secret that ships inside an app is none (RFC 8252 §8.5): on phones use [relay] or [hardwareKey].
 */
public class Credentials private constructor(private val make: (HostLink) -> ClientCredentials) {
    init {
        // No host starts without credentials.
        SdkThreads.stay()
    }

    /** What the authorization server may conclude from them. */
    public val assurance: Assurance = translated { make(HostLink()).use { it.assurance() } }.toPublic()

    internal fun linked(link: HostLink): ClientCredentials = translated { make(link) }

    /** The kinds of credentials. */
    public companion object {
        /**
         * A client secret.
         *
         * @throws StartException.Configuration for a static secret in a phone app that is built for release
         */
        public fun secret(
            secret: String,
            known: SecretKnown = SecretKnown.TO_THIS_HOST_ALONE,
            sent: SecretSent = SecretSent.BASIC,
        ): Credentials = Credentials { ClientCredentials.secret(secret, known.toFfi(), sent.toFfi()) }

        /**
         * A private key in the memory of the process (`private_key_jwt`, RFC 7523 §2.2): PKCS #8 in PEM, Ed25519 or P-256.
         *
         * @param keyId the key's name at the server; its thumbprint (RFC 7638) where left out
         * @throws StartException.Configuration where it is no such key
         */
        public fun privateKey(pem: String, keyId: String? = null, audience: AssertionAudience = AssertionAudience.ISSUER): Credentials =
            Credentials { ClientCredentials.privateKey(pem, keyId, audience.toFfi()) }

        /**
         * A P-256 key that stays in hardware (`private_key_jwt`), as one of Android's key store.
         *
         * @param publicKey what `PublicKey.getEncoded` gives: a SubjectPublicKeyInfo in DER
         * @param keyId the key's name at the server; its thumbprint (RFC 7638) where left out
         * @throws StartException.Configuration where it is no such key
         */
        public fun hardwareKey(
            signer: CredentialSigner,
            publicKey: ByteArray,
            keyId: String? = null,
            audience: AssertionAudience = AssertionAudience.ISSUER,
        ): Credentials {
            val key = publicKey.copyOf()
            return Credentials { link ->
                ClientCredentials.hardwareKey(ForeignSigner(signer, link), key, keyId, audience.toFfi())
            }
        }

        /** None: a public client, which proves nothing. */
        public fun publicClient(): Credentials = Credentials { ClientCredentials.publicClient() }

        /**
         * The host's own backend holds them; this app is a public client. [CodeRequests.Relay] belongs with them: a host
         * that asks at the challenge endpoint itself does not start.
         */
        public fun relay(): Credentials = Credentials { ClientCredentials.relay() }
    }
}

/** Who knows a client secret. */
public enum class SecretKnown {
    /** This host, which runs where nobody takes it apart. Refused in a phone app that is built for release. */
    TO_THIS_HOST_ALONE,

    /** This installation of the app: it was given out at run time, to nobody else. */
    TO_THIS_INSTALLATION_ALONE,

    /** Everybody who has the app, in which it ships (RFC 8252 §8.5): it is no secret. */
    TO_EVERYBODY_WHO_HAS_THE_APP,
}

/** How a client secret is sent. */
public enum class SecretSent {
    /** `client_secret_basic`, form-encoded (RFC 6749 §2.3.1). */
    BASIC,

    /** `client_secret_basic` as it is, for servers that do not decode it. */
    BASIC_VERBATIM,

    /** `client_secret_post`. */
    POST,
}

/** Whom signed assertions are made out to. */
public enum class AssertionAudience {
    /** The server's issuer identifier. */
    ISSUER,

    /** The endpoint that an assertion is sent to, for servers that know nothing else. */
    ENDPOINT,
}

/** What the authorization server may conclude from the host's credentials, the least first. */
public enum class Assurance {
    /** Nothing: anybody can say that they are this client. */
    PUBLIC,

    /** Nothing either, once the app is out. */
    STATIC_SECRET,

    /** That it is this installation, as long as nobody reads its secret. */
    INSTALLATION_SECRET,

    /** That it is who holds the key, as long as nobody reads the memory of the process. */
    PROCESS_KEY,

    /** That it is this device. */
    HARDWARE_KEY,

    /** That it is the host's own backend. */
    RELAYED,
}
