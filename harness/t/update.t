#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Updates on 1 to 16 vCPUs, by both image formats, of the smallest, usual and largest size.
set -eu
. "$(dirname -- "$0")/lib.sh"

files=
for image in "$images"/format*.blob; do
	files="$files -f $image:/images/${image##*/}"
done

for vcpus in 1 2 4 8 16; do
	# shellcheck disable=SC2086 # options
	guest update-$vcpus -c $vcpus -t 300 $files updates.sh
done
done_testing
