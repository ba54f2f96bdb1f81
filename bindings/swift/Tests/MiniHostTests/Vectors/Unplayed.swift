/// The histories that are not played from Swift, each with what it turns on that a host app has not in its hands.
enum Unplayed {
  /// What such a history turns on.
  enum Reason: CaseIterable {
    /// Time that passes, which a host app cannot make pass.
    case clock
    /// Times of day: a host app's clock is the device's.
    case calendar
    /// How fast messages come, by the device's clock: a busy machine may be too slow to be held back.
    case pace
    /// What lay in the store when the host began, which only the SDK can write.
    case storedBefore
    /// A page of the server's that goes on in a browser: an issuer of the host app's own knows none.
    case serverPage
    /// Two questions that reach the issuer at once, in an order that is the threads' to choose.
    case twoQuestions
    /// The server's word that a sign-in has ended, which the SDK hears when it asks for a code by itself.
    case signInEnded
    /// A prompt that could not be shown: one of Swift's waits on, and can be answered elsewhere.
    case promptFailed
    /// A container that takes nothing any more: Swift's sessions take everything.
    case givenUp

    /// A taking back that nothing follows from at first, so that nobody here knows when it has begun.
    case unheard
    /// What is sent after the host's end: Swift's call throws.
    case afterTheEnd

    /// Whether a history turns on it.
    func holds(for history: History) -> Bool {
      let inputs = history.steps.map { $0["in"] }
      return switch self {
      case .clock: inputs.contains { $0["advance"] != .null }
      case .calendar: history.json.encoded.contains("2026-")
      case .pace: history.json.encoded.contains("throttled")
      case .storedBefore: inputs.contains { $0["loaded"] != .null }
      case .serverPage: inputs.contains { $0["issued"]["continueAt"] != .null }
      case .twoQuestions: history.steps.contains { $0.questions > 1 }
      case .signInEnded: inputs.contains { $0["signInEnded"] != .null }
      case .promptFailed: inputs.contains { $0["promptFailed"] != .null }
      case .unheard:
        history.steps.contains { $0["in"]["revoke"] != .null && ($0["out"].array ?? []).isEmpty }
      case .afterTheEnd: inputs.contains { $0["shutDown"] != .null }
      case .givenUp: inputs.contains { $0["givenUp"] != .null }
      }
    }
  }

  /// By title.
  static let histories: [Reason: Set<String>] = [
    .unheard: [
      "Nobody hears that all is taken back while something may still lie in the store"
    ],
    .afterTheEnd: [
      "Shutting down answers everything and nothing new begins"
    ],
    .clock: [
      "A browser that is closed, cannot be shown or stays open is the end of the request",
      "A call of the host's own ends with its page, by cancelling, or when its time is up",
      "A refusal ends the code request that rests on what has expired since it began",
      "A code is asked for after the end that is under way, and not much later though nobody hears of that",
      "A grant ends after thirty days",
      """
      A method of the host's own that shows something takes its turn before the user, and none with \
      a user who has just refused
      """,
      "A page does not wait for the server for ever, and hears of a store that failed",
      "A page hears when what its user granted ends by itself, and another page does not",
      "A page in the background has nobody sign in, and learns nothing",
      "A page that sends too fast is throttled, and works again a moment later",
      "A page that the user does not see or touch cannot find out whether somebody is signed in",
      "A page without a grant learns the same after the same time, whatever the cause",
      "A prompt that nobody answers is taken away after five minutes",
      "A reload ends calls, silent questions and takings back that its page asked for",
      "A renewal that cannot be stored leaves the older grant as it was",
      "A sign-in that is cancelled, fails, leaves nobody there or never ends is the end of the request",
      "A silent code request that fails tells nothing, neither by its reason nor by its time",
      "A silent question for a code is written down with its end",
      "A store that never answers holds nobody up",
      "A taking back that the host's end overtakes is written down, as far as it has come",
      "An answer is written down with the prompt that it was given to",
      "An answer that servers would find too old is asked for again, once the page is back on screen",
      "An end that could not be told before is not told once a grant bears the same name",
      "Asked again, a denial ends what was granted before",
      """
      Before another page the user is asked for that page, and a prompt that waits for its own keeps \
      its deadline
      """,
      "Calls of the host's own methods are written down without what they say, the refused ones too",
      "Equal requests that come later do not give the user more time",
      "Every end is written down, without the code",
      "Every name that the server gave for what is granted is ended with it",
      "In the background nobody is asked; back in the foreground the next request asks",
      "Neither a sign-in nor a sign-out breaks the silence",
      "No prompt for a hidden page or without a touch",
      "Nobody is sent to sign in for a program that was refused a moment ago",
      "Refusals are remembered beyond the process, up to the user's own step",
      "Settings that never come on screen are a timeout",
      "Taking back is written down, whoever did it and whoever is still there",
      "The end of what was granted is stored again until it is",
      "The server is told again what it could not be told, by itself and when more is taken back",
      "The session of a program ends with the last of its grants",
      "The settings are opened for a page once in five seconds",
      "The settings open for a page that was touched, and do not end a cooldown that way",
      "The user denies, and the program waits before it may ask again",
      "The user signs out: what waits ends with account_changed",
      "The user's time and the network's time are apart",
      "Two answers that both could not be stored leave nothing remembered",
      """
      What another user, a remembered grant, a silent tier or an end of the sign-in made of a \
      request is written down
      """,
      "What is due waits for the name of a grant that has none yet",
      "What the server may have ended before it gave another code under the same name is ended again",
      "What the user chose and how long each waited is written down",
      "What the user chose before the server sent them to a browser is written down with what came of it",
      "What the user has agreed to once still counts when they come back from the browser",
      "What the user has taken back does not return when an earlier save fails",
      "What was taken back ends at the server before a new code is asked for",
      "Whoever takes back again and again while the store hangs waits for the save that is on its way",
      "`prompt: consent` asks for everything again; `prompt: none` never asks",
    ],
    .calendar: [
      "Grants are told with their times, and only the program's own"
    ],
    .pace: [
      "What is no message counts for the rate like any other, and so does an id that is used twice"
    ],
    .storedBefore: [
      "An agreement forgives what was refused before, even one that is not remembered",
      "There is no way back to an older release, and the newest is remembered",
      "What the server could not be told is told at the next start",
    ],
    .serverPage: [
      "A host without a browser says so",
      """
      A server that wants more gets it neither for a page that asked in the background nor for one that was not \
      touched
      """,
      "A server that wants the user in a browser gets that once, with the same grant",
      "A switch of the user while one of them is in the browser ends the request",
      "What is taken back while the user is in the browser counts no more",
    ],
    .twoQuestions: [
      """
      A prompt leaves the screen with its page and comes back with it, as another that an early \
      answer does not count for
      """,
      "A request that waited behind the very grant it needs is not asked again, but waits until it is stored",
      "An answer for one save is one for those before it",
      "Equal requests share the prompt and the answer, never the code",
      "What could not be stored, and what an answer “once” took the place of, is ended at the server too",
    ],
    .signInEnded: [
      "A host that forgets on sign-out remembers nothing of a user who was there",
      "A sign-out is told to programs with a grant alone, and another user is another session",
      "The server ends the user's sign-in: what waits hears login_required",
    ],
    .promptFailed: [
      "A prompt that the host could not show ends its requests, and the next one comes"
    ],
    .givenUp: [
      """
      A page that the container delivers nothing to hears so for all it waits for and asks, until it \
      is closed
      """
    ],
  ]
}
