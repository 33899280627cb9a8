#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Install every image of /images, one after the other; each says 1.5.08.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

left=$(updates_left)
for image in /images/*.blob; do
	name=${image##*/}
	is "$name: installed" '' "$(upload "$image")"
	is "$name: version" 1.5.08 "$(version)"
	left=$((left - 1))
	is "$name: updates left" $left "$(updates_left)"
done
done_testing
