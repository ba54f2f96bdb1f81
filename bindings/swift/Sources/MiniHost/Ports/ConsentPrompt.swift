/// Draws consent prompts.
@MainActor
public protocol ConsentPrompt: AnyObject, Sendable {
  /// Shows a prompt, and gives the user's answer. At most one is asked at a time.
  ///
  /// The task is cancelled once nobody waits for the answer any more: take the prompt off the screen and
  /// return; what is returned then has no effect. An answer that the view does not offer counts as a prompt that
  /// was closed. A prompt that cannot be shown throws: it still waits, stands in
  /// ``MiniHost/MiniHost/pendingPrompts()``, and can be answered by ``MiniHost/MiniHost/answer(_:with:)``.
  func ask(_ view: ConsentView) async throws -> Choice
}
