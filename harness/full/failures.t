#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Uploads that run short of memory, at each allocation. Needs VARIANT=kasan, whose kernel can let
# allocations fail.
set -eu
. "$(dirname -- "$0")/../t/lib.sh"

grep -qx CONFIG_FAILSLAB=y "$config"
mkdir -p "$build/images/failures"
files=
for image in old=1.5.08 new=1.5.09; do
	file=$build/images/failures/${image%=*}.blob
	"$build/tdxmod/tdxmod" sign --key "$images/key.pem" --pages 2 --version "${image#*=}" -o "$file"
	files="$files -f $file:/images/${file##*/}"
done
# shellcheck disable=SC2086 # options
guest failures -t 300 $files failures.sh
done_testing
