package org.minihost

/** What can go wrong, few and stable. Each class tells the caller what to do; the texts are for developers and may change. */
public sealed class MiniHostException(message: String, cause: Throwable? = null) : Exception(message, cause)

/** The host was shut down: start a new one. */
public class HostShutDownException internal constructor() : MiniHostException("the host has been shut down; start a new one")

/** A fault of the SDK itself, kept to the one call. The host goes on; report it. */
public class SdkFaultException internal constructor(cause: Throwable) : MiniHostException("a fault of the SDK", cause)

/** Why a host did not start. Nothing runs then. */
public sealed class StartException(message: String) : MiniHostException(message) {
    /** Something in the configuration is not acceptable: mend it. */
    public class Configuration internal constructor(message: String) : StartException(message)

    /** What the host keeps cannot be read just now: try again. */
    public class Storage internal constructor(message: String) : StartException(message)

    /** The host's threads could not be started, or ended at once: try again. */
    public class Threads internal constructor(message: String) : StartException(message)
}

/** Why a mini-program was not opened. */
public sealed class OpenException(message: String) : MiniHostException(message) {
    /** The manifest is not acceptable: its publisher must mend it. */
    public class BadManifest internal constructor(message: String) : OpenException(message)

    /** A pinned key is none: the host must pin another. */
    public class BadKey internal constructor(message: String) : OpenException(message)
}

/** Why an answer to a prompt does not count. Nothing has changed then. */
public sealed class AnswerException(message: String) : MiniHostException(message) {
    /** Nobody waits for it: take the prompt off the screen. */
    public class NotWaiting internal constructor(message: String) : AnswerException(message)

    /** The user saw another view: present the prompt again. */
    public class OtherView internal constructor(message: String) : AnswerException(message)

    /** A scope in the answer is not in the view: answer with the view's own. */
    public class OtherScopes internal constructor(message: String) : AnswerException(message)

    /** The view does not offer to remember the answer in this way: answer with one that it offers. */
    public class OtherRemember internal constructor(message: String) : AnswerException(message)
}

/** Why nobody was signed in. Whoever was signed in before still is. */
public sealed class SignInException(message: String) : MiniHostException(message) {
    /** The username or the password is wrong: let the user try again. */
    public class WrongCredentials internal constructor(message: String) : SignInException(message)

    /** The user, or the server, did not agree in the browser: let the user try again. */
    public class Denied internal constructor(message: String) : SignInException(message)

    /** What the browser brought back is not the answer to this sign-in: begin anew. */
    public class WrongAnswer internal constructor(message: String) : SignInException(message)

    /** Something in the configuration is not acceptable: mend it. */
    public class Configuration internal constructor(message: String) : SignInException(message)

    /** The server cannot be reached or did not answer in time: let the user try again. */
    public class Network internal constructor(message: String) : SignInException(message)

    /**
     * The server wants to be left alone for a while: let the user try again later.
     *
     * @property retryAfter how long to wait, where the server says
     */
    public class TryLater internal constructor(message: String, public val retryAfter: kotlin.time.Duration?) :
        SignInException(message)

    /** The server does not accept the host itself: check client id, secret and registration. */
    public class HostRejected internal constructor(message: String) : SignInException(message)

    /** The server failed or gave an answer that cannot be used: its operator must look into it. */
    public class Server internal constructor(message: String) : SignInException(message)

    /** Another sign-in or a sign-out ended first and counts instead: look who is signed in now. */
    public class Overtaken internal constructor(message: String) : SignInException(message)
}

/** Why nobody was signed in of whom the secret store may know. */
public sealed class RestoreException(message: String) : MiniHostException(message) {
    /** The secret store gives no access now: try again once it is unlocked. */
    public class Locked internal constructor(message: String) : RestoreException(message)

    /** The secret store cannot be used, or what lies in it cannot be read: have the user sign in. */
    public class Storage internal constructor(message: String) : RestoreException(message)
}

/** The log goes elsewhere: the process has a subscriber of Rust's `tracing` of its own, which hears the SDK too. */
public class LogTakenException internal constructor(message: String) : MiniHostException(message)

/** Why a sign-out is not complete. */
public sealed class SignOutException(message: String) : MiniHostException(message) {
    /** Nobody is signed in any more, but the tokens still lie in the secret store: call again. */
    public class Storage internal constructor(message: String) : SignOutException(message)
}

/** Why what another device asks was not found, or not answered. */
public sealed class DeviceRequestException(message: String) : MiniHostException(message) {
    /** There is no open request with this code: let the user look again, or the device ask anew. */
    public class Unknown internal constructor(message: String) : DeviceRequestException(message)

    /** The server does not let this host answer what asks: say so. */
    public class NotAllowed internal constructor(message: String) : DeviceRequestException(message)

    /** This request was answered already: look the code up again. */
    public class Answered internal constructor(message: String) : DeviceRequestException(message)

    /** Nobody is signed in, or another user is: look the code up again once the user is there. */
    public class UserChanged internal constructor(message: String) : DeviceRequestException(message)

    /**
     * Too many wrong codes were tried, or the server wants to be left alone for a while.
     *
     * @property retryAfter how long to wait, where the server says
     */
    public class TryLater internal constructor(message: String, public val retryAfter: kotlin.time.Duration?) :
        DeviceRequestException(message)

    /** The server could not be reached, or its answer cannot be used: let the user try again. */
    public class Server internal constructor(message: String) : DeviceRequestException(message)
}
