#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Upload /images/update.blob as an administrator would, and show what changes.
set -eu

# shellcheck source=tdx.sh
. /tests/tdx.sh

image=/images/update.blob

show() { printf '%-26s %s\n' "$1" "$2"; }

show_host() {
	show 'TDX module' "$(version)"
	show 'P-SEAMLDR' "$(cat $host/seamldr_version)"
	show 'updates left' "$(updates_left)"
}

if [ ! -d $upload ]; then
	echo "this kernel offers no update: there is no $upload"
	exit 1
fi

old=$(version)
show_host
show 'upload' "$(wc -c <$image) bytes"
error=$(upload $image)
show 'result' "${error:-installed}"
show_host
echo "TDX module: $old -> $(version)"
[ -z "$error" ]
