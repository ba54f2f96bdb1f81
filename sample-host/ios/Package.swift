// swift-tools-version: 6.0
import PackageDescription

// All of the app that is not SwiftUI, so that it is tested where there is none. `project.yml` makes the app
// of it.
let package = Package(
  name: "Harbour",
  platforms: [.iOS(.v15), .macOS(.v12)],
  products: [.library(name: "Harbour", targets: ["Harbour"])],
  dependencies: [.package(name: "MiniHost", path: "../../bindings/swift")],
  targets: [
    .target(
      name: "Harbour",
      dependencies: [
        .product(name: "MiniHost", package: "MiniHost"),
        .product(name: "MiniHostWebKit", package: "MiniHost"),
      ]),
    .testTarget(name: "HarbourTests", dependencies: ["Harbour"]),
  ]
)
