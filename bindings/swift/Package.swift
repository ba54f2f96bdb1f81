// swift-tools-version: 6.0
import PackageDescription

// What is written by hand is Swift 6. The generated module is Swift 5: UniFFI's templates do not compile
// in Swift 6 mode with every compiler that has it.
let generated: [SwiftSetting] = [.swiftLanguageMode(.v5)]
var written: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]
var linked: [LinkerSetting] = []
var sdk: [Target.Dependency] = ["MiniHostFFI"]
var container: [Target.Dependency] = ["MiniHost"]

// The benchmark, which compares with functions that no library has which is shipped: `cargo xtask bench swift`.
let isBenchmark = Context.environment["MINIHOST_BENCH"] != nil
let generatedSources = isBenchmark ? "GeneratedForBench" : "Sources"

#if os(Linux)
  // Where cargo has put the library; `cargo xtask test swift` says so.
  let directory =
    Context.environment["MINIHOST_LIBRARY_DIR"] ?? "\(Context.packageDirectory)/../../target/debug"
  linked = [
    .unsafeFlags(["-L", directory, "-Xlinker", "-rpath", "-Xlinker", directory]),
    .linkedLibrary("minihost_ffi"),
  ]
  written.append(.unsafeFlags(["-warnings-as-errors"]))
  // Stand-ins for Apple's frameworks, so that what uses them is compiled and run here too.
  container += ["Combine", "SwiftUI", "UIKit", "WebKit"]
  sdk += ["Security", "os"]
  let platform: [Target] = [
    .systemLibrary(name: "MiniHostFFIC", path: "\(generatedSources)/MiniHostFFIC"),
    .target(name: "Combine", path: "Tests/Stubs/Combine", swiftSettings: written),
    .target(name: "Security", path: "Tests/Stubs/Security", swiftSettings: written),
    .target(
      name: "SwiftUI", dependencies: ["Combine", "UIKit"], path: "Tests/Stubs/SwiftUI", swiftSettings: written
    ),
    .target(name: "UIKit", path: "Tests/Stubs/UIKit", swiftSettings: written),
    .target(name: "WebKit", dependencies: ["UIKit"], path: "Tests/Stubs/WebKit", swiftSettings: written),
    .target(name: "os", path: "Tests/Stubs/os", swiftSettings: written),
  ]
#else
  // Built on a Mac by `build-xcframework.sh`.
  let platform: [Target] = [.binaryTarget(name: "MiniHostFFIC", path: "MiniHostFFIC.xcframework")]
#endif

let benchmark: [Target] =
  isBenchmark
  ? [
    .executableTarget(
      name: "Bench", dependencies: ["MiniHost", "MiniHostFFI"], path: "Bench",
      swiftSettings: written)
  ] : []

let package = Package(
  name: "MiniHost",
  defaultLocalization: "en",
  platforms: [.iOS(.v15), .macOS(.v12)],
  products: [
    .library(name: "MiniHost", targets: ["MiniHost"]),
    .library(name: "MiniHostWebKit", targets: ["MiniHostWebKit"]),
  ],
  targets: platform + benchmark + [
    .target(
      name: "MiniHostFFI", dependencies: ["MiniHostFFIC"], path: "\(generatedSources)/MiniHostFFI",
      swiftSettings: generated, linkerSettings: linked),
    .target(name: "MiniHost", dependencies: sdk, swiftSettings: written),
    .target(name: "MiniHostWebKit", dependencies: container, swiftSettings: written),
    .target(name: "TestHost", dependencies: ["MiniHost"], path: "Tests/TestHost", swiftSettings: written),
    .testTarget(name: "MiniHostTests", dependencies: ["MiniHost", "TestHost"], swiftSettings: written),
    .testTarget(
      name: "MiniHostWebKitTests", dependencies: ["MiniHostWebKit", "TestHost"], swiftSettings: written),
  ]
)
