#!/usr/bin/env bash
# Builds MiniHostFFIC.xcframework beside Package.swift and the generated Swift; and for a release, the archive of the
# framework and the package that names it (assemble-release.sh). For a Mac with Xcode and the Rust targets
#     rustup target add aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin
# NOT EXERCISED where this repository is tested: there is no Mac there.
#
#     bindings/swift/build-xcframework.sh [--debug | --release-at https://…/MiniHostFFIC.xcframework.zip]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

profile=release
options=(--release)
address=
case "${1:-}" in
  --debug) profile=debug options=() ;;
  --release-at) address=${2:?the address of the archive} ;;
esac
[ "$(uname)" = Darwin ] || { echo "xcodebuild and lipo are needed: run this on a Mac" >&2; exit 1; }

export IPHONEOS_DEPLOYMENT_TARGET=15.0 MACOSX_DEPLOYMENT_TARGET=12.0
package=$PWD/bindings/swift
target=$(cargo metadata --no-deps --format-version=1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
out=$target/xcframework
library=libminihost_ffi.a

# Static libraries alone: an app links the one it needs and embeds nothing. A phone's library has no generator.
for triple in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin; do
  cargo rustc -p minihost-ffi --lib --crate-type staticlib --target "$triple" ${options[@]+"${options[@]}"}
done

# The sources are those of the library that is shipped, read from a build for this machine.
cargo build -p minihost-ffi --features bindgen --bin uniffi-bindgen
cargo build -p minihost-ffi --lib
rm -rf "$out" && mkdir -p "$out/generated" "$out/simulator" "$out/macos"
"$target/debug/uniffi-bindgen" generate "$target/debug/libminihost_ffi.dylib" --language swift --no-format \
  --out-dir "$out/generated"

# In a folder of their own: two frameworks in one app must not both bring a module.modulemap at the top.
headers=$out/headers/MiniHostFFIC
mkdir -p "$headers" "$package/Sources/MiniHostFFI"
cp "$out/generated/MiniHostFFIC.h" "$headers/"
cp "$out/generated/MiniHostFFIC.modulemap" "$headers/module.modulemap"
cp "$out/generated/MiniHostFFI.swift" "$package/Sources/MiniHostFFI/"

# One slice for all simulators and one for all Macs.
lipo -create -output "$out/simulator/$library" \
  "$target/aarch64-apple-ios-sim/$profile/$library" "$target/x86_64-apple-ios/$profile/$library"
lipo -create -output "$out/macos/$library" \
  "$target/aarch64-apple-darwin/$profile/$library" "$target/x86_64-apple-darwin/$profile/$library"

framework=$package/MiniHostFFIC.xcframework
rm -rf "$framework"
xcodebuild -create-xcframework \
  -library "$target/aarch64-apple-ios/$profile/$library" -headers "$out/headers" \
  -library "$out/simulator/$library" -headers "$out/headers" \
  -library "$out/macos/$library" -headers "$out/headers" \
  -output "$framework"

[ -n "$address" ] || exit 0
archive=$out/MiniHostFFIC.xcframework.zip
ditto -c -k --sequesterRsrc --keepParent "$framework" "$archive"
release=$out/MiniHost
"$package/assemble-release.sh" "$archive" "$address" "$release"
echo "upload $archive to $address, then put $release into its repository and tag it"
