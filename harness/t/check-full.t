#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The runner of long stages: what it runs, what it remembers, and what it says at the end.
set -eu
. "$(dirname -- "$0")/lib.sh"

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
ran=$copy/build/ran
seen=$copy/build/seen

new_tree() {
	git init -q "$1"
	git -C "$1" add -A
	git -C "$1" -c user.name=test -c user.email=test@localhost.invalid commit -q --allow-empty -m test
}

# Each stage notes that it ran.
stages() {
	cat >"$copy/harness/stages" <<-END
		# a comment
		good.1  echo good >>build/ran
		counts  echo counts >>build/ran; echo 3 passed, $1 failed; exit $1
		last    echo last >>build/ran
	END
}

mkdir -p "$copy/harness" "$copy/build/linux"
cp "$harness/check-full" "$harness/common.sh" "$copy/harness"
echo build >"$copy/.gitignore"
stages 0
new_tree "$copy"
new_tree "$copy/build/linux"

# check_full STATUS LAST-LINE STAGES-THAT-RUN [ARGUMENT]...
check_full() {
	status=$1
	last_line=$2
	expected_to_run=$3
	shift 3
	: >"$ran"
	ended=0
	"$copy/harness/check-full" "$@" >"$seen" || ended=$?
	cat "$seen"
	[ $ended -eq "$status" ] && [ "$(tail -n 1 "$seen")" = "$last_line" ] &&
		[ "$(xargs <"$ran")" = "$expected_to_run" ]
}

kill_while_last_runs() {
	sed -i 's/^last .*/& \&\& exec sleep 60/' "$copy/harness/stages"
	"$copy/harness/check-full" last &
	pid=$!
	until [ -e "$copy/build/full/last.log" ] && grep -q last "$ran"; do sleep 0.1; done
	kill $pid
	if wait $pid; then return 1; fi
	sed -i 's/ && exec sleep 60//' "$copy/harness/stages"
}

# git goes by sizes and times, and leaves out parts of a second: here, the index has another content of
# the same size and second.
change_in_one_second() {
	begun=
	until [ "$begun" = "$(date +%s)" ]; do
		begun=$(date +%s)
		echo 1 >"$copy/harness/new-file"
		git -C "$copy" add -A
		echo 0 >"$copy/harness/new-file"
	done
	sleep 1
}

ok 'nothing is known at first' check_full 0 '0 passed, 0 failed' '' -l
ok 'all stages run' check_full 0 '5 passed, 0 failed' 'good counts last'
ok 'good stages do not run again' check_full 0 '5 passed, 0 failed' ''
ok 'a stage that is named does' check_full 0 '1 passed, 0 failed' 'good' good.1
echo 0 >"$copy/harness/new-file"
ok 'another file makes results stale' check_full 0 '0 passed, 0 failed' '' -l
ok 'and all stages run' check_full 0 '5 passed, 0 failed' 'good counts last'
touch "$copy/build/linux/new-file"
ok 'so does one in build/linux' check_full 0 '0 passed, 0 failed' '' -l
stages 1
ok 'a failure is counted' check_full 1 '5 passed, 1 failed' 'good counts last'
ok 'and runs again, alone' check_full 1 '5 passed, 1 failed' 'counts'
stages 0
ok 'so does one that failed and was mended' check_full 0 '5 passed, 0 failed' 'counts'
sed -i 's/^last  */&: again; /' "$copy/harness/stages"
ok 'and a good one with another command' check_full 0 '5 passed, 0 failed' 'last'
touch "$copy/notes.md" "$copy/harness/coverage"
ok 'no text makes anything stale, nor does what no stage runs' check_full 0 '5 passed, 0 failed' ''
change_in_one_second
ok 'what files hold counts, not their times' check_full 0 '5 passed, 0 failed' '' -l
sed -i 's/^last  */&: coverage; /' "$copy/harness/stages"
ok 'what only one stage runs' check_full 0 '5 passed, 0 failed' 'last'
echo changed >"$copy/harness/coverage"
ok 'makes that one stale' check_full 0 '5 passed, 0 failed' 'last'
sed -i 's/^counts  */&date +%s%N >harness\/new-file; /' "$copy/harness/stages"
ok 'what changes while a stage runs does not count for it, but for the next' \
	check_full 1 '1 passed, 0 failed' 'counts last'
sed -i 's/date [^;]*; //' "$copy/harness/stages"
ok 'and the others run again' check_full 0 '5 passed, 0 failed' 'good counts'
: >"$ran"
ok 'an interruption ends it' kill_while_last_runs
ok 'and what was interrupted runs again' check_full 0 '5 passed, 0 failed' 'last'
ok 'an unknown stage is refused' check_full 1 '' '' no-such-stage
done_testing
