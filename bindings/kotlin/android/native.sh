#!/usr/bin/env bash
# Not exercised here: this repository is tested where there is no Android NDK.
#
# Builds the SDK's library for Android's ABIs and puts it where the AAR takes it from. Needs an NDK (ANDROID_NDK_HOME) and
# `cargo install cargo-ndk`, and once: rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android
set -euo pipefail
cd "$(dirname "$0")/../../.."

out=target/android/jni
rm -rf "$out"
# Devices may have pages of 16 KiB: every segment of a library must begin at a multiple of that.
export RUSTFLAGS="${RUSTFLAGS:-} -C link-arg=-Wl,-z,max-page-size=16384"
cargo ndk --platform 24 -t arm64-v8a -t armeabi-v7a -t x86_64 -o "$out" build --release -p minihost-ffi --lib

# The NDK brings it for every machine that it runs on; macOS has none.
readelf=$(ls "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin/llvm-readelf | head -n 1)
for library in "$out"/*/libminihost_ffi.so; do
    case "$library" in */armeabi-v7a/*) continue ;; esac
    # Of a segment that is loaded, the alignment is written at the end of its line.
    alignments=$("$readelf" -lW "$library" | awk '$1 == "LOAD" { print $NF }')
    if [ -z "$alignments" ] || grep -qvE '^0x([4-9a-f]|[1-9a-f]0+)000$' <<<"$alignments"; then
        echo "$library has segments that do not begin at a page of 16 KiB" >&2
        exit 1
    fi
done
echo "$out holds: $(ls "$out")"
