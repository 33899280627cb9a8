#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Upload images that must be refused, /bad/REASON=ERROR.blob, images of which any may be refused,
# /mixed/*.blob, then a good one. tdxmod must foresee each answer.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

# foresee IMAGE: sets $foreseen to what tdxmod says, of which nothing may touch the host.
foresee() {
	foreseen=0
	tdxmod check --releases /running "$1" >/tmp/check 2>&1 || foreseen=$?
}

# agree NAME ERROR: what tdxmod foresaw is what has come. It cannot know what kind of platform this is.
agree() {
	reason=$(cat $host/last_error)
	if [ -z "$2" ]; then
		is "$1: tdxmod foresees that it is taken" 0 "$foreseen"
	elif [ "$reason" = debug-signed ]; then
		is "$1: tdxmod does not know" 'unknown: debug' \
			"$(grep -o 'unknown: debug' /tmp/check)"
	else
		is "$1: tdxmod foresees the refusal for $reason" 1 "$foreseen"
	fi
}

old=$(version)
left=$(updates_left)
for image in /bad/*.blob; do
	name=$(basename "$image" .blob)
	foresee "$image"
	error=$(upload "$image")
	is "${name%=*}: refused" "preparing:${name#*=}" "$error"
	agree "${name%=*}" "$error"
	is "${name%=*}: version stays" "$old" "$(version)"
done
is 'no update was used up' "$left" "$(updates_left)"

cpu1=/sys/devices/system/cpu/cpu1/online
echo 0 >$cpu1
foresee /good.blob
error=$(upload /good.blob)
is 'offline CPU: refused' preparing:device-busy "$error"
agree 'offline CPU' "$error"
echo 1 >$cpu1

simctl updates=0
foresee /good.blob
error=$(upload /good.blob)
is 'no updates left: refused' preparing:flash-wearout "$error"
agree 'no updates left' "$error"
simctl updates="$left"

taken=0
refused=0
for image in /mixed/*.blob; do
	foresee "$image"
	error=$(upload "$image")
	case $error in
	'') taken=$((taken + 1)) ;;
	*) refused=$((refused + 1)) ;;
	esac
	agree "$(basename "$image" .blob)" "$error"
	case $error in
	'' | preparing:*) ;;
	*) is "$image: refused before anything was touched" preparing: "$error" ;;
	esac
done
is 'some of the mixed images are taken' yes "$([ $taken -eq 0 ] || echo yes)"
is 'some of the mixed images are refused' yes "$([ $refused -eq 0 ] || echo yes)"

foresee /good.blob
error=$(upload /good.blob)
is 'good image: installed' '' "$error"
agree 'good image' "$error"
is 'good image: version' 1.5.08 "$(version)"
done_testing
