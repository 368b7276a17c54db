#!/usr/bin/env bash
# Installs what the benchmarks are measured against and npm does not bring: SPIN with a C compiler (bench:check), Go (bench:runtime).
# Needs Debian or a system like it, and root or sudo. Without a peer a benchmark runs all the same and says `"peer": null`.
set -euo pipefail

declare -A PACKAGE=([spin]=spin [gcc]=gcc [go]=golang-go)
missing=()
for command in "${!PACKAGE[@]}"; do
  command -v "$command" > /dev/null || missing+=("${PACKAGE[$command]}")
done
if [ "${#missing[@]}" -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
spin -V
gcc --version | head -n 1
go version
