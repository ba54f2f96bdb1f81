/// Shows the host app's settings when a page asks for them.
@MainActor
public protocol SettingsPage: AnyObject, Sendable {
  /// Shows the settings, and returns once they are on screen. Where it throws, the page hears `timeout`.
  func show(for miniProgram: String) async throws
}
