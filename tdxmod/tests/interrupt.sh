#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: interrupt.sh IMAGE
#
# Interrupts updates at random moments by each of four signals; each time the
# upload device must be usable afterwards.  Runs on any TDX host, emulated or
# not, with as many updates left as there are interruptions.
#
#   TDXMOD     the program
#   OPTIONS    its options
#   SYSFS      where sysfs is mounted (/sys)
#   ROUNDS     interruptions by each signal (5)
#   SEED       repeats the moments of an earlier run
#   LONGEST    latest moment in seconds (0.5)

# shellcheck disable=SC1091
. "$(dirname "$0")/tap.sh"
# shellcheck disable=SC2154 # set by tap.sh
scratch=$work

image=$1
: "${OPTIONS:=}"
: "${SYSFS:=/sys}"
: "${ROUNDS:=5}"
: "${SEED:=$$}"
: "${LONGEST:=0.5}"
device=$SYSFS/class/firmware/tdx_module

# A finished update that nobody waited for takes a moment.
TRIES=50

# update TDXMOD's way; after a killed one the kernel may still be at work.
update_soon() {
	tries=$TRIES
	while [ "$tries" -gt 0 ]; do
		code=0
		# shellcheck disable=SC2086 # several options
		"$TDXMOD" update $OPTIONS --yes "$image" >"$scratch/out" 2>"$scratch/err" \
			</dev/null || code=$?
		[ "$code" -eq 4 ] || return "$code"
		tries=$((tries - 1))
		sleep 0.1
	done
	return 4
}

# interrupt SIGNAL SECONDS
interrupt() {
	code=0
	# shellcheck disable=SC2086 # several options
	timeout -s "$1" "$2" "$TDXMOD" update $OPTIONS --yes "$image" \
		>"$scratch/out" 2>"$scratch/err" </dev/null || code=$?
	case $code in
	# Done, or stopped; timeout(1) or a signal before the program cares may hide which.
	0 | 4 | 124 | 129 | 130 | 137 | 143)
		;;
	*)
		result 1 "update interrupted by SIG$1 after $2 s ends with $code"
		show
		;;
	esac
	[ "$1" = KILL ] ||
		that "SIG$1 after $2 s leaves no half image" [ "$(cat "$device/loading")" = 0 ]
	if update_soon; then
		result 0 "update after SIG$1 after $2 s"
	else
		result 1 "update after SIG$1 after $2 s"
		show
	fi
}

echo "# SEED=$SEED ROUNDS=$ROUNDS"
awk -v rounds="$ROUNDS" -v seed="$SEED" -v longest="$LONGEST" 'BEGIN {
	srand(seed)
	split("INT TERM HUP KILL", signals, " ")
	for (i = 1; i <= rounds; i++)
		for (s = 1; s <= 4; s++)
			printf "%s %.3f\n", signals[s], 0.001 + rand() * longest
}' >"$scratch/moments"

while read -r signal seconds; do
	interrupt "$signal" "$seconds"
done <"$scratch/moments"

finish
