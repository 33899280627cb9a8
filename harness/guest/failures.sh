#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Let one allocation of an upload's worker fail: the first, the second, and so on until there is no
# such one any more. Each upload succeeds or ends in an error that is meant for that, the module
# stays or is replaced accordingly, and the next upload succeeds. A TD runs on all the time.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

old_image=/images/old.blob
new_image=/images/new.blob
old=1.5.08
new=1.5.09
debug=/sys/kernel/debug
worker=fw_upload_main
counts=/tmp/td
most=2000

# All allocations below the worker's function may fail, no others.
aim() {
	range=$(sort /proc/kallsyms | awk -v name=$worker '
		found && $1 != start { print "0x" start, "0x" $1; exit }
		$3 == name { start = $1; found = 1 }')
	for failing in failslab fail_page_alloc; do
		echo "${range% *}" >$debug/$failing/require-start
		echo "${range#* }" >$debug/$failing/require-end
		echo N >$debug/$failing/ignore-gfp-wait
		echo 1000000 >$debug/$failing/times
	done
	echo N >$debug/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$debug/fail_page_alloc/min-order
}

# Any kernel thread of a work queue may be the one that carries out the upload.
workers() { grep -l '^kworker' /proc/[0-9]*/comm 2>/dev/null | sed 's/comm$/fail-nth/'; }

# Threads come and go.
arm() {
	for nth in $(workers); do
		echo "$1" >"$nth" 2>/dev/null || :
	done
}

# A thread that has made some of the allocations up to the one that is to fail.
has_begun() { workers | xargs cat 2>/dev/null | grep -qvxE "0|$1"; }

# Each injected failure is one less.
failures_left() { cat $debug/failslab/times $debug/fail_page_alloc/times | xargs; }

expected_version() { if [ -z "$1" ]; then echo $new; else echo $old; fi; }

is_defined() {
	case $1 in
	'' | preparing:read-write-error | preparing:hw-error | transferring:read-write-error) ;;
	*) echo "$1"; return ;;
	esac
	echo defined
}

# fail N: whether there was an Nth allocation. If no armed thread was at work, it was a new one.
fail() {
	while :; do
		before=$(failures_left)
		arm "$1"
		error=$(upload $new_image)
		ended=$(! has_begun "$1" || echo yes)
		arm 0
		is "failure $1: defined error (${error:-none})" defined "$(is_defined "$error")"
		is "failure $1: module state" ready "$(cat $host/module_state)"
		is "failure $1: version" "$(expected_version "$error")" "$(version)"
		is "failure $1: next upload" '' "$(upload $old_image)"
		[ "$before" = "$(failures_left)" ] || return 0
		[ -z "$ended" ] || return 1
	done
}

aim
simctl updates=100000
is 'first upload' '' "$(upload $old_image)"
td_run -c 1 -i 100 >$counts 2>&1 &
td=$!
until grep -q '^TD counts: [1-9]' $counts; do
	kill -0 $td
	sleep 0.1
done

n=1
while [ $n -lt $most ] && fail $n; do
	n=$((n + 1))
done
echo "# an upload makes $((n - 1)) allocations"
is 'there were allocations, and an end of them' yes \
	"$([ $n -gt 1 ] && [ $n -lt $most ] && echo yes)"

kill $td
status=0
wait $td || status=$?
is 'TD: no count lost or doubled' 0 $status
done_testing
