import Foundation

/// Where a mini-program's pages may go.
struct NavigationPolicy: Sendable {
  /// What becomes of a navigation.
  enum Decision: Sendable, Hashable {
    /// The page is loaded.
    case load
    /// The page is not loaded; the host app may show it outside, in the system's browser.
    case outside
    /// Nothing happens.
    case refuse
  }

  /// The program's own origins, in ASCII serialisation.
  private let origins: Set<String>
  /// Origins whose pages are never shown inside: there the user types what no mini-program may read.
  private let neverInside: Set<String>

  init(origins: [String], neverInside: [String]) {
    self.origins = Set(origins)
    self.neverInside = Set(neverInside.compactMap { URL(string: $0).flatMap(Origin.of) })
  }

  /// Whether the bridge is there for a page at this address.
  func isProgram(_ url: URL?) -> Bool {
    guard let origin = url.flatMap(Origin.of) else { return false }
    return origins.contains(origin)
  }

  func decide(_ url: URL?, mainFrame: Bool) -> Decision {
    guard let url, let scheme = url.scheme?.lowercased() else { return .refuse }
    guard let origin = Origin.of(url) else {
      // Frames within may be empty or written by their page; other schemes open other apps.
      let ofAFrame = !mainFrame && ["about", "blob", "data"].contains(scheme)
      if ofAFrame { return .load }
      return mainFrame && !["about", "blob", "data", "file", "javascript"].contains(scheme)
        ? .outside : .refuse
    }
    if neverInside.contains(origin) { return mainFrame ? .outside : .refuse }
    // What is not encrypted is only loaded where the manifest says so, which it can on this machine alone.
    if scheme == "http" && !origins.contains(origin) { return .refuse }
    return .load
  }
}

/// Origins of the web, in ASCII serialisation (HTML §7.1.1).
enum Origin {
  /// The origin of an address; `nil` for one that has none of its own.
  static func of(_ url: URL) -> String? {
    guard let scheme = url.scheme, let host = url.host, !host.isEmpty else { return nil }
    return serialised(scheme: scheme, host: host, port: url.port ?? 0)
  }

  /// Port 0 stands for the scheme's own, as WebKit tells it.
  static func serialised(scheme: String, host: String, port: Int) -> String? {
    let scheme = scheme.lowercased()
    guard let usual = ["http": 80, "https": 443][scheme], !host.isEmpty else { return nil }
    let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    let suffix = port == 0 || port == usual ? "" : ":\(port)"
    return "\(scheme)://\(name.lowercased())\(suffix)"
  }
}
