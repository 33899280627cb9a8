#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Install the images of these versions, one after the other, with tdxmod.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

for wanted; do
	image=/images/tdx_module_$wanted.blob
	# Not all images carry their version.
	simctl image_version="$wanted"
	code=0
	tdxmod update --yes "$image" >/tmp/out 2>&1 </dev/null || code=$?
	is "$wanted: exit code" 0 $code
	[ $code -eq 0 ] || sed 's/^/# /' /tmp/out
	is "$wanted: version" "$wanted" "$(version)"
done
done_testing
