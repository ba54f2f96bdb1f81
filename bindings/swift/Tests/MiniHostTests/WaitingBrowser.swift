import Foundation
import TestHost

/// A browser that waits with a code to be let in.
final class WaitingBrowser: Sendable {
  private let issuer: String
  private let cookies = Shared("")

  init(_ issuer: String) {
    self.issuer = issuer
  }

  func code() async throws -> String {
    let page = try await get("/login/app")
    cookies.value = page.cookies
    guard let range = page.body.range(of: "[B-Z]{4}-[B-Z]{4}", options: .regularExpression) else {
      throw Unexpected("the page shows no code: \(page.body)")
    }
    return String(page.body[range])
  }

  func state() async throws -> String {
    try Json(await get("/login/app/state").body)["state"].string ?? ""
  }

  private func get(_ path: String) async throws -> Http.Answer {
    let headers = ["User-Agent": "Waiting/1", "Cookie": cookies.value]
    return try await Http.get("\(issuer)\(path)", headers: headers.filter { !$0.value.isEmpty })
  }
}
