#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: interrupt.sh IMAGE
#
# Interrupts updates at random moments by each of four signals; each time the
# upload device must take the next image.  A third of the moments lie anywhere,
# a third while the image is uploaded, a third while the kernel works.  Runs on
# any TDX host, emulated or not, with two updates left for each interruption.
#
#   TDXMOD     the program
#   OPTIONS    its options
#   SYSFS      where sysfs is mounted (/sys)
#   NEXT       the image that must be taken afterwards (IMAGE)
#   ROUNDS     interruptions by each signal (6)
#   SEED       repeats the moments of an earlier run
#   POLLS      most looks at the device by which a moment in a phase is counted (30)

# shellcheck disable=SC1091
. "$(dirname "$0")/tap.sh"
# shellcheck disable=SC2154 # set by tap.sh
scratch=$work

image=$1
: "${OPTIONS:=}"
: "${SYSFS:=/sys}"
: "${NEXT:=$image}"
: "${ROUNDS:=6}"
: "${SEED:=$$}"
: "${POLLS:=30}"
device=$SYSFS/class/firmware/tdx_module

# A finished update that nobody waited for takes a moment.
TRIES=50

loading() {
	state=
	read -r state <"$device/loading" || :
	[ "$state" = 1 ]
}

alive() {
	kill -0 "$victim" 2>/dev/null
}

# polls N: as long as it takes to look at the device N times.
polls() {
	poll=0
	while [ "$poll" -lt "$1" ]; do
		loading || :
		poll=$((poll + 1))
	done
}

# strike SIGNAL WHERE MOMENT: runs beside the victim, whose process is in the file.
strike() {
	until [ -s "$scratch/victim" ]; do :; done
	read -r victim <"$scratch/victim"
	case $2 in
	anywhere)
		sleep "$3"
		;;
	upload)
		while alive && ! loading; do :; done
		polls "$3"
		;;
	kernel)
		while alive && ! loading; do :; done
		while alive && loading; do :; done
		! alive || echo kernel >"$scratch/seen"
		polls "$3"
		;;
	esac
	kill -s "$1" "$victim" 2>/dev/null || :
}

# A program in the background would ignore SIGINT, so the one that strikes is there.
# Sets $code.
struck_update() {
	rm -f "$scratch/victim" "$scratch/seen"
	strike "$@" &
	striker=$!
	code=0
	# shellcheck disable=SC2016,SC2086 # for the inner shell; several options
	sh -c 'echo $$ >"$0" && exec "$@"' "$scratch/victim" \
		"$TDXMOD" update $OPTIONS --yes "$image" \
		>"$scratch/out" 2>"$scratch/err" </dev/null || code=$?
	wait "$striker" || :
}

# phase SIGNAL: what the update had come to, by what it said and left.  Killed, it may have
# said nothing yet.
phase() {
	if grep -q 'before the kernel had the image' "$scratch/err" || loading; then
		echo upload
	elif grep -q 'asked the kernel to cancel' "$scratch/err"; then
		echo kernel
	elif [ -s "$scratch/out" ]; then
		echo end
	elif grep -Eq '^tdxmod: (receiving|preparing|transferring)' "$scratch/err" ||
	     [ "$1 $(cat "$scratch/seen" 2>/dev/null)" = 'KILL kernel' ]; then
		echo kernel
	else
		echo start
	fi
}

# update_soon: after a killed one the kernel may still be at work.
update_soon() {
	tries=$TRIES
	while [ "$tries" -gt 0 ]; do
		code=0
		# shellcheck disable=SC2086 # several options
		"$TDXMOD" update $OPTIONS --yes "$NEXT" >"$scratch/out" 2>"$scratch/err" \
			</dev/null || code=$?
		[ "$code" -eq 4 ] || return "$code"
		tries=$((tries - 1))
		sleep 0.1
	done
	return 4
}

recovers() {
	if update_soon; then
		result 0 "$1: the next update"
	else
		result 1 "$1: the next update"
		show
	fi
}

# interrupt SIGNAL WHERE MOMENT
interrupt() {
	about="SIG$1 at $2 $3"
	struck_update "$@"
	case $code in
	# Done, or stopped, or a signal before or after the program cares.
	0 | 4 | 129 | 130 | 137 | 143)
		;;
	*)
		result 1 "$about: ends with $code"
		show
		;;
	esac
	reached=$(phase "$1")
	echo "$1 $reached" >>"$scratch/reached"
	if [ "$1" != KILL ]; then
		that "$about, in $reached: no half image" [ "$(cat "$device/loading")" = 0 ]
		recovers "$about, in $reached"
	elif [ "$reached" = upload ]; then
		recovers "$about, in $reached"
		says err 'never finished' "$about, in $reached: the rest is thrown away"
	else
		recovers "$about, in $reached"
	fi
}

count_reached() {
	grep -c "^$1 $2\$" "$scratch/reached"
}

uptime() {
	read -r seconds rest </proc/uptime
	echo "$seconds"
}

# The first one may take longer, so that it tells nothing of the others.
for turn in first second; do
	begin=$(uptime)
	# shellcheck disable=SC2086 # several options
	run 0 "an update that nothing interrupts, the $turn" update $OPTIONS --yes "$image"
done
end=$(uptime)

echo "# SEED=$SEED ROUNDS=$ROUNDS, an update takes from $begin to $end s"
awk -v rounds="$ROUNDS" -v seed="$SEED" -v begin="$begin" -v end="$end" -v polls="$POLLS" 'BEGIN {
	srand(seed)
	longest = end - begin + 0.05
	split("INT TERM HUP KILL", signals, " ")
	for (i = 0; i < rounds; i++)
		for (s = 1; s <= 4; s++) {
			if (i % 3 == 0)
				printf "%s anywhere %.3f\n", signals[s], rand() * longest
			else
				printf "%s %s %d\n", signals[s], i % 3 == 1 ? "upload" : "kernel",
				       rand() * polls
		}
}' >"$scratch/moments"

: >"$scratch/reached"
while read -r signal where moment; do
	interrupt "$signal" "$where" "$moment"
done <"$scratch/moments"

for signal in INT TERM HUP KILL; do
	for where in start upload kernel end; do
		echo "# SIG$signal in phase $where: $(count_reached $signal $where)"
	done
	for where in upload kernel; do
		that "SIG$signal struck in phase $where at least $((ROUNDS / 10 + 1)) times" \
			[ "$(count_reached $signal $where)" -gt $((ROUNDS / 10)) ]
	done
done

finish
