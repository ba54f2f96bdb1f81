/// Why a host did not start. Nothing runs then.
public enum StartError: Error, Sendable, Hashable {
  /// Something in the configuration is not acceptable: mend it.
  case configuration(detail: String)
  /// What the host keeps cannot be read just now: try again.
  case storage(detail: String)
  /// The host's threads could not be started, or ended at once: try again.
  case threads(detail: String)
  /// The host was shut down: start a new one. Only a diagnosis comes to this.
  case shutDown
  /// The task that asked was cancelled, and what it had begun with it.
  case cancelled
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why a host did not do what it was asked.
public enum HostError: Error, Sendable, Hashable {
  /// The host was shut down: start a new one.
  case shutDown
  /// The task that asked was cancelled; the taking back goes on.
  case cancelled
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why a mini-program was not opened.
public enum OpenError: Error, Sendable, Hashable {
  /// The manifest is not acceptable: its publisher must mend it.
  case manifest(detail: String)
  /// A pinned key is none: the host must pin another.
  case key(detail: String)
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why an answer to a prompt does not count. Nothing has changed then.
public enum AnswerError: Error, Sendable, Hashable {
  /// Nobody waits for it: take the prompt off the screen.
  case notWaiting
  /// The user saw another view: present the prompt again.
  case otherView
  /// A scope in the answer is not in the view: answer with the view's own.
  case otherScopes
  /// The view does not offer to remember the answer in this way: answer with one that it offers.
  case otherRemember
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why nobody was signed in. Whoever was signed in before still is.
public enum SignInError: Error, Sendable, Hashable {
  /// The username or the password is wrong: let the user try again.
  case wrongCredentials
  /// The user, or the server, did not agree in the browser: let the user try again.
  case denied
  /// What the browser brought back is not the answer to this sign-in: begin anew.
  case wrongAnswer(detail: String)
  /// Something in the configuration is not acceptable: mend it.
  case configuration(detail: String)
  /// The server cannot be reached or did not answer in time: let the user try again.
  case network(detail: String)
  /// The server wants to be left alone for so many seconds, where it says: let the user try again later.
  case tryLater(detail: String, retryAfter: UInt64?)
  /// The server does not accept the host itself: check client id, secret and registration.
  case hostRejected(detail: String)
  /// The server failed or gave an answer that cannot be used: its operator must look into it.
  case server(detail: String)
  /// Another sign-in or a sign-out ended first and counts instead: look who is signed in now.
  case overtaken
  /// The task that asked was cancelled, and what it had begun with it.
  case cancelled
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why nobody was signed in of whom the secret store may know.
public enum RestoreError: Error, Sendable, Hashable {
  /// The secret store gives no access now: try again once it is unlocked.
  case locked(detail: String)
  /// The secret store cannot be used, or what lies in it cannot be read: have the user sign in.
  case storage(detail: String)
  /// The task that asked was cancelled, and what it had begun with it.
  case cancelled
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why the SDK does not take the host app's word for who is signed in. Nothing has changed then, but that
/// after ``signInOver`` nobody is signed in.
public enum UserChangeError: Error, Sendable, Hashable {
  /// The SDK signs users in: start the host with ``Delegates/session``.
  case sdkSignsIn
  /// This sign-in is over, or two have one epoch; nobody is signed in any more, until the host app tells of
  /// a higher epoch: let it grow with every sign-in.
  case signInOver
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why a sign-out is not complete.
public enum SignOutError: Error, Sendable, Hashable {
  /// Nobody is signed in any more, but the tokens still lie in the secret store: call again.
  case storage(detail: String)
  /// The host was shut down: start a new one.
  case shutDown
  /// The task that asked was cancelled; the sign-out goes on.
  case cancelled
  /// A defect of the SDK.
  case defect(detail: String)
}

/// Why what another device asks was not found, or not answered.
public enum DeviceRequestError: Error, Sendable, Hashable {
  /// There is no open request with this code: let the user look again, or the device ask anew.
  case unknown
  /// The server does not let this host answer what asks: say so.
  case notAllowed
  /// This request was answered already: look the code up again.
  case answered
  /// Nobody is signed in, or another user is: look the code up again once the user is there.
  case userChanged(detail: String)
  /// Too many wrong codes were tried, or the server wants to be left alone for so many seconds.
  case tryLater(detail: String, retryAfter: UInt64?)
  /// The server could not be reached, or its answer cannot be used: let the user try again.
  case server(detail: String)
  /// The task that asked was cancelled. A look at a request ends with it, an answer goes on.
  case cancelled
  /// The host was shut down: start a new one.
  case shutDown
  /// A defect of the SDK.
  case defect(detail: String)
}
