#!/bin/sh
# Makes the package that host apps add, as the root of a repository of its own: the sources, generated ones included,
# and a manifest that names the archive of the framework by its address and checksum.
#
#     bindings/swift/assemble-release.sh ARCHIVE https://…/MiniHostFFIC.xcframework.zip FOLDER
set -eu
archive=${1:?the archive of the framework} address=${2:?where it will lie} folder=${3:?a folder to be made}
package=$(cd "$(dirname "$0")" && pwd)

rm -rf "$folder"
mkdir -p "$folder/Sources"
checksum=$(swift package --package-path "$package" --scratch-path "$folder.scratch" compute-checksum "$archive")
rm -rf "$folder.scratch"
for module in MiniHostFFI MiniHost MiniHostWebKit; do
  [ -d "$package/Sources/$module" ] || { echo "$module is not there: generate it before" >&2; exit 1; }
  cp -R "$package/Sources/$module" "$folder/Sources/"
done
cp "$package/README.md" "$package/../../LICENSE-APACHE" "$package/../../LICENSE-MIT" "$folder/"
sed -e "s|ADDRESS|$address|" -e "s|CHECKSUM|$checksum|" "$package/Release/Package.swift" >"$folder/Package.swift"
