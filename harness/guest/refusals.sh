#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Upload images that must be refused, named REASON=ERROR.blob, then a good one.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

old=$(version)
left=$(updates_left)
for image in /images/*.blob; do
	name=$(basename "$image" .blob)
	is "${name%=*}: refused" "preparing:${name#*=}" "$(upload "$image")"
	is "${name%=*}: version stays" "$old" "$(version)"
done
is 'no update was used up' "$left" "$(updates_left)"

cpu1=/sys/devices/system/cpu/cpu1/online
echo 0 >$cpu1
is 'offline CPU: refused' preparing:device-busy "$(upload /good.blob)"
echo 1 >$cpu1

simctl updates=0
is 'no updates left: refused' preparing:flash-wearout "$(upload /good.blob)"
simctl updates="$left"

is 'good image: installed' '' "$(upload /good.blob)"
is 'good image: version' 1.5.08 "$(version)"
done_testing
