import Foundation
internal import MiniHostFFI

/// A sign-in that has gone to the browser. It can be finished once; one that is let go of never happened.
public final class BrowserSignIn: Sendable {
  /// The page to open in the system's browser (`ASWebAuthenticationSession`), never in a view that the host
  /// app could read (RFC 8252 §8.12).
  public let page: URL
  let native: MiniHostFFI.BrowserSignIn

  init(_ native: MiniHostFFI.BrowserSignIn) throws {
    let text = try native.page()
    guard let page = URL(string: text) else { throw SignInError.server(detail: "the page has no address") }
    self.page = page
    self.native = native
  }

  /// Whether an address that the app was opened with is this sign-in's answer; never once it was finished.
  public func isAnswered(by address: String) -> Bool {
    (try? native.isAnsweredBy(address: address)) ?? false
  }
}
