package org.minihost

/** Where the tokens of the user lie, and the key of the remembered grants. */
public sealed interface Secrets {
    /** In memory: the user signs in at every start. */
    public data object Memory : Secrets

    /**
     * In the keychain of a desktop. Phones bring a store of their own.
     *
     * @property service the app's name there
     */
    public data class Keychain(public val service: String) : Secrets

    /**
     * Where the host app says.
     *
     * @property store where
     */
    public class Own(public val store: SecretStore) : Secrets
}

/** Where remembered grants lie. */
public sealed interface GrantsAt {
    /** In memory: users are asked anew after every start. */
    public data object Memory : GrantsAt

    /**
     * In a file, which the SDK makes and replaces as a whole. Its directory must be there.
     *
     * @property path the file
     */
    public data class File(public val path: String) : GrantsAt

    /**
     * Where the host app says.
     *
     * @property store where
     */
    public class Own(public val store: GrantStore) : GrantsAt
}

/**
 * Keeps small secrets where other apps cannot read them. Called one after the other, on a thread of the SDK that may be kept
 * waiting: after ten seconds the store counts as locked.
 *
 * "There is no such secret" and "there is no access now" are different answers: the second one must never be told as the
 * first.
 */
public interface SecretStore {
    /**
     * Reads a secret; null where there is none of that name.
     *
     * @throws SecretStoreLocked where there is no access now; any other exception counts as a store that cannot be used
     */
    public fun get(name: String): ByteArray?

    /**
     * Writes a secret, in place of one of that name.
     *
     * @throws SecretStoreLocked
     */
    public fun put(name: String, secret: ByteArray)

    /**
     * Deletes a secret. One that is not there is no error.
     *
     * @throws SecretStoreLocked
     */
    public fun remove(name: String)
}

/** A [SecretStore] is there but gives no access now: the SDK tries again later, and signs nobody out for it. */
public class SecretStoreLocked(cause: Throwable? = null) : Exception("the secret store is locked", cause)

/**
 * Keeps one document that holds all remembered grants. The SDK authenticates it; what was changed is not trusted. Called one
 * after the other, on a thread of the SDK that may be kept waiting. What it throws counts as a failure of the store.
 */
public interface GrantStore {
    /** The document that was saved last; null where nothing was. */
    public fun load(): ByteArray?

    /** Writes it in place of the one before, so that it survives a crash whole. */
    public fun save(document: ByteArray)

    /** Puts the document elsewhere that was loaded and is not trusted, for somebody to look at. */
    public fun setAside()
}
