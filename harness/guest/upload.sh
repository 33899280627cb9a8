#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Upload /images/update.blob as an administrator would, and show what changes.
set -eu

host=/sys/devices/faux/tdx_host
upload=/sys/class/firmware/tdx_module
image=/images/update.blob

show() { printf '%-26s %s\n' "$1" "$2"; }
version() { cat $host/version; }

show_host() {
	show 'TDX module' "$(version)"
	show 'P-SEAMLDR' "$(cat $host/seamldr_version)"
	show 'updates left' "$(cat $host/num_remaining_updates)"
}

if [ ! -d $upload ]; then
	echo "this kernel offers no update: there is no $upload"
	exit 1
fi

old=$(version)
show_host
echo 1 >$upload/loading
cat $image >$upload/data
echo 0 >$upload/loading
show 'uploaded' "$(wc -c <$image) bytes"
while [ "$(cat $upload/status)" != idle ]; do
	sleep 0.1
done

error=$(cat $upload/error)
show 'result' "${error:-installed}"
show_host
echo "TDX module: $old -> $(version)"
[ -z "$error" ]
