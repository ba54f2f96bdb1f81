// swift-tools-version: 6.0
import PackageDescription

// The package that host apps add, as `assemble-release.sh` completes it.
let written: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]

let package = Package(
  name: "MiniHost",
  defaultLocalization: "en",
  platforms: [.iOS(.v15), .macOS(.v12)],
  products: [
    .library(name: "MiniHost", targets: ["MiniHost"]),
    .library(name: "MiniHostWebKit", targets: ["MiniHostWebKit"]),
  ],
  targets: [
    .binaryTarget(name: "MiniHostFFIC", url: "ADDRESS", checksum: "CHECKSUM"),
    .target(
      name: "MiniHostFFI", dependencies: ["MiniHostFFIC"], swiftSettings: [.swiftLanguageMode(.v5)]),
    .target(name: "MiniHost", dependencies: ["MiniHostFFI"], swiftSettings: written),
    .target(name: "MiniHostWebKit", dependencies: ["MiniHost"], swiftSettings: written),
  ]
)
