package org.minihost

/** What describes a mini-program. */
public sealed interface Manifest {
    /**
     * One that a publisher has signed.
     *
     * @property jws the JWS in compact serialisation
     * @property keys the publishers' keys that this host pins
     */
    public data class Signed(public val jws: String, public val keys: List<TrustedKey>) : Manifest

    /**
     * One that nobody signed. Only a host that is built for development opens it, and shows a banner.
     *
     * @property json the manifest itself
     */
    public data class UnsignedForDevelopment(public val json: String) : Manifest
}

/**
 * A publisher's public key, as a host pins it.
 *
 * @property publisher whose it is: a manifest that names another publisher is refused
 * @property jwk the key as a JSON Web Key (RFC 7517), as `cargo xtask manifest keygen` writes it
 */
public data class TrustedKey(public val publisher: String, public val jwk: String)

/**
 * How a mini-program was opened; what the program learns of it is untrusted input to it.
 *
 * @property path a path within the program
 * @property query a query string without its question mark
 * @property source where the user came from
 */
public data class Launch(public val path: String? = null, public val query: String? = null, public val source: String? = null)

/**
 * A mini-program that was opened, as its manifest describes it.
 *
 * @property id its name for machines
 * @property version which release it is
 * @property name its name for people, in the language of the host
 * @property publisher who publishes it, for people, in the language of the host
 * @property unsigned nobody vouches for it: the container shows a banner
 * @property startUrl where the container starts
 * @property origins where its documents may come from, in ASCII serialisation: the container lets the main frame go
 *   nowhere else, and gives the bridge to no other
 * @property icon a picture for people
 * @property privacyPolicyUrl what the publisher says of its handling of data
 */
public data class MiniProgram(
    public val id: String,
    public val version: String,
    public val name: String,
    public val publisher: String,
    public val unsigned: Boolean,
    public val startUrl: String,
    public val origins: List<String>,
    public val icon: String?,
    public val privacyPolicyUrl: String?,
)
