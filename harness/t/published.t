#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Intel's images, of the folder TDX_IMAGES, are installed by tdxmod; without such a folder, test
# images in the same layout. One boot for each CPU that comes first in an image's table.
set -eu
. "$(dirname -- "$0")/lib.sh"

tdxmod=$build/tdxmod/tdxmod
folder=${TDX_IMAGES:-}
if [ -z "$folder" ]; then
	folder=$build/images/published
	rm -rf "$folder"
	TDXMOD=$tdxmod "$top/tdxmod/tests/lookalikes.sh" "$images/key.pem" "$folder"
fi

first_cpu() { "$tdxmod" info "$1" | sed -n 's/^cpu: \(0x[0-9a-f]*\) .*/\1/p' | head -n 1; }

by_cpu=$build/images/published.by-cpu
find "$folder" -name '*.blob' | sort -V | while read -r image; do
	echo "$(first_cpu "$image") $image"
done >"$by_cpu"
ok 'there are images' [ -s "$by_cpu" ]

# install_all CPU IMAGE...: on a host with that CPU.
install_all() {
	cpu=$1
	shift
	host=$("$tdxmod" info --json "$1" | "$harness/image-fit")
	files=
	versions=
	for image; do
		name=${image##*/}
		version=${name#tdx_module_}
		files="$files -f $image:/images/$name"
		versions="$versions ${version%.blob}"
	done
	# shellcheck disable=SC2086 # options and words
	guest "published-$cpu" -t 300 -s "$host,updates=100" $files published.sh $versions
}

cpus=$(cut -d ' ' -f 1 "$by_cpu" | sort -u)
for cpu in $cpus; do
	# shellcheck disable=SC2046 # words
	install_all "$cpu" $(sed -n "s/^$cpu //p" "$by_cpu")
done
done_testing
