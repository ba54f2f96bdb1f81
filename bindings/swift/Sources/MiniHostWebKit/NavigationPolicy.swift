import Foundation

/// Where a mini-program's pages may go.
struct NavigationPolicy: Sendable {
  /// What becomes of a navigation.
  enum Decision: Sendable, Hashable {
    /// The page is loaded.
    case load
    /// The page is not loaded. Where the user has touched something for it, the host app may show it outside, in the
    /// system's browser.
    case outside
    /// Nothing happens.
    case refuse
  }

  /// The program's own origins, in ASCII serialisation.
  private let origins: Set<String>
  /// Origins whose pages no frame within shows either: there the user types what no mini-program may read.
  private let neverInside: Set<String>

  init(origins: [String], neverInside: [String]) {
    self.origins = Set(origins)
    self.neverInside = Set(neverInside.compactMap { URL(string: $0).flatMap(Origin.of).map(Self.site) })
  }

  /// The origin of a page at this address, where the bridge is there for it.
  func programOrigin(of url: URL?) -> String? {
    url.flatMap(Origin.of).flatMap { origins.contains($0) ? $0 : nil }
  }

  func decide(_ url: URL?, mainFrame: Bool) -> Decision {
    guard let url, let scheme = url.scheme?.lowercased() else { return .refuse }
    let origin = Origin.of(url)
    if let origin, origins.contains(origin), !isNeverInside(origin) { return .load }
    if mainFrame {
      let isOfTheWeb = origin.map { scheme == "https" || isNeverInside($0) } ?? false
      return isOfTheWeb || Self.handedOn.contains(scheme) ? .outside : .refuse
    }
    // Frames within may be empty or written by their page, and may show what is encrypted.
    guard let origin else { return ["about", "blob", "data"].contains(scheme) ? .load : .refuse }
    return scheme == "https" && !isNeverInside(origin) ? .load : .refuse
  }

  private func isNeverInside(_ origin: String) -> Bool {
    neverInside.contains(Self.site(origin))
  }

  /// Addresses for other apps that start nothing by themselves.
  private static let handedOn: Set = ["mailto", "tel"]

  /// A name with a dot behind it leads to the same server, though it is another origin.
  private static func site(_ origin: String) -> String {
    origin.replacingOccurrences(of: #"\.(?=$|:\d+$)"#, with: "", options: .regularExpression)
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
