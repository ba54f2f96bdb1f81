// swift-tools-version: 6.0
import PackageDescription

var written: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]
let packages: [Target.Dependency] = [
  .product(name: "MiniHost", package: "MiniHost"), .product(name: "MiniHostWebKit", package: "MiniHost"),
]

#if os(Linux)
  written.append(.unsafeFlags(["-warnings-as-errors"]))
  // The screens against stand-ins for Apple's frameworks, which the package brings: they compile, and are not run.
  // `Xcode/project.yml` makes the app of them.
  let screens: [Target] = [
    .executableTarget(
      name: "HarbourApp", dependencies: ["Harbour"] + packages, path: "App", exclude: ["Info-Debug.plist"],
      swiftSettings: written)
  ]
#else
  let screens: [Target] = []
#endif

// All of the app that is not SwiftUI, so that it is tested where there is none.
let package = Package(
  name: "Harbour",
  platforms: [.iOS(.v15), .macOS(.v12)],
  products: [.library(name: "Harbour", targets: ["Harbour"])],
  dependencies: [.package(name: "MiniHost", path: "../../bindings/swift")],
  targets: screens + [
    .target(name: "Harbour", dependencies: packages, swiftSettings: written),
    .testTarget(name: "HarbourTests", dependencies: ["Harbour"], swiftSettings: written),
  ]
)
