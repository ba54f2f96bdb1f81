import Foundation
import MiniHost
import TestHost

/// Something that the library asks, and that the history answers when it comes to that.
final class Question<Wish: Sendable, Answer: Sendable>: Sendable {
  let wish: Wish
  let givenUp = Heard<Void>("the end of a question")
  private let answers: AsyncStream<Answer>
  private let continuation: AsyncStream<Answer>.Continuation

  init(_ wish: Wish) {
    self.wish = wish
    (answers, continuation) = AsyncStream.makeStream()
  }

  func answer(_ answer: Answer) {
    continuation.yield(answer)
  }

  func answered() async throws -> Answer {
    for await answer in answers { return answer }
    givenUp.add(())
    throw CancellationError()
  }
}

/// Asks the history for codes, and tells it of ends.
final class AskingIssuer: CodeIssuer {
  typealias Code = Question<WantedCode, Result<IssuedCode, CodeRefused>>
  typealias Ending = Question<String, GrantEnded>
  let codes = Heard<Code>("a code request")
  let endings = Heard<Ending>("the end of a grant")

  func issue(_ wanted: WantedCode) async throws -> IssuedCode {
    let code = Code(wanted)
    codes.add(code)
    return try await code.answered().get()
  }

  func endGrant(_ grantID: String, timeAllowed: TimeInterval) async throws -> GrantEnded {
    let ending = Ending(grantID)
    endings.add(ending)
    return try await ending.answered()
  }
}

@MainActor
final class AskingSignIn: SignInPrompt {
  typealias SignIn = Question<SignInRequest, UserReturned>
  nonisolated let asked = Heard<SignIn>("a sign-in")

  nonisolated init() {}

  func signIn(_ request: SignInRequest) async throws -> UserReturned {
    let signIn = SignIn(request)
    asked.add(signIn)
    return try await signIn.answered()
  }
}

@MainActor
final class AskingSettings: SettingsPage {
  typealias Opening = Question<String, Void>
  nonisolated let asked = Heard<Opening>("a wish to see the settings")

  nonisolated init() {}

  func show(for miniProgram: String) async throws {
    let opening = Opening(miniProgram)
    asked.add(opening)
    try await opening.answered()
  }
}

/// A browser that comes to nothing: that there is one is what counts.
@MainActor
final class NoPage: Browser {
  nonisolated init() {}

  func visit(_ page: URL, for miniProgram: String) async throws -> UserReturned { .failed }
}

/// A method of the host app's own, as the history declares it.
final class AskingMethod: HostMethod {
  typealias Called = Question<(HostCall, String), Result<String, HostMethodFailure>>
  let declaration: HostMethodDeclaration
  private let called: Heard<Called>

  init(_ json: Json, called: Heard<Called>) {
    self.called = called
    var params: [HostMethodDeclaration.Member] = []
    if let text = json["text"].string { params.append(.init(text, .text)) }
    let result = (json["result"].members ?? [:]).map { name, form in
      HostMethodDeclaration.Member(name, form == "whole" ? .whole : .text)
    }
    declaration = HostMethodDeclaration(
      name: json["name"].string ?? "", params: params, result: result, scope: json["scope"].string,
      prompts: json["prompts"].boolean ?? false, only: json["only"].array?.compactMap(\.string))
  }

  func call(_ call: HostCall, params: String) async throws -> String {
    let question = Called((call, params))
    called.add(question)
    return try await question.answered().get()
  }
}

/// A store of grants that fails where the history says so, by the number of the save; and that answers when the
/// history says so, where somebody waits for that.
final class PlayedShelf: GrantStore {
  struct Full: Error {}
  let begun = Heard<Void>("a save")
  private let failing: Set<Int>
  private let isGated: Shared<Bool>
  private let gate = DispatchSemaphore(value: 0)
  private let state = Shared<(saves: Int, document: Data?)>((0, nil))

  init(_ history: History) {
    let failed = history.steps.filter { $0["in"]["saved"]["stored"] == false }
    failing = Set(failed.compactMap { $0["in"]["saved"]["save"].int })
    isGated = Shared(!history.isSavedAtOnce)
  }

  func load() throws -> Data? { state.value.document }

  func save(_ document: Data) throws {
    state.value.saves += 1
    if isGated.value {
      begun.add(())
      gate.wait()
    }
    if failing.contains(state.value.saves) { throw Full() }
    state.value.document = document
  }

  func setAside() throws {}

  /// Whether it answers when it is told to.
  var waits: Bool { isGated.value }

  /// Lets one save come to its end.
  func answer() { gate.signal() }

  /// Waits no more.
  func answerAll() {
    isGated.value = false
    for _ in 0..<100 { gate.signal() }
  }
}
