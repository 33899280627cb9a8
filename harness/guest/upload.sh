#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Upload /images/update.blob as an administrator would, while a TD with two vCPUs counts.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

image=/images/update.blob
counts=/tmp/td
td=

show() { printf '%-24s %s\n' "$1" "$2"; }

show_host() {
	show 'TDX module' "$(version)"
	show 'P-SEAMLDR' "$(cat "$host/seamldr_version")"
	show 'updates left' "$(updates_left)"
}

start_td() {
	td_run -c 2 -i 100 >$counts 2>&1 &
	td=$!
	until grep -q '^TD counts: [1-9]' $counts; do
		kill -0 $td || return 0
		sleep 0.1
	done
}

show_td() { show "TD's counters $1" "$(sed -n 's/^TD counts: //p' $counts | tail -n 1)"; }

# The TD reports a count that was lost or doubled by its exit status.
end_td() {
	kill $td
	wait $td
}

if [ ! -d "$upload" ]; then
	echo "this kernel offers no update: there is no $upload"
	exit 1
fi

old=$(version)
show_host
start_td
show_td before
show 'upload' "$(wc -c <$image) bytes"
error=$(upload $image)
show_td during
show 'result' "${error:-installed}"
sleep 0.5
show_td after
if end_td; then
	show 'TD' 'no count lost or doubled'
else
	show 'TD' "$(tail -n 1 $counts)"
	error=${error:-TD}
fi
show_host
echo "TDX module: $old -> $(version)"
[ -z "$error" ]
