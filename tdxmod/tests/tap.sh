# SPDX-License-Identifier: GPL-2.0-only
#
# For test scripts to source: results as TAP, a scratch folder in $work.
# TDXMOD names the program under test.
# shellcheck shell=sh

set -u
: "${TDXMOD:?names the program under test}"

# What a sanitizer finds must not look like an exit code of tdxmod.
export ASAN_OPTIONS=exitcode=99:detect_leaks=1
export UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
export LC_ALL=C

tests=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
count=0
failed=0

result() {
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		failed=$((failed + 1))
		echo "not ok $count - $2"
	fi
}

# that DESCRIPTION COMMAND...: the command succeeds.
that() {
	description=$1
	shift
	if "$@"; then
		result 0 "$description"
	else
		result 1 "$description"
	fi
}

# that_not DESCRIPTION COMMAND...: it fails.
that_not() {
	description=$1
	shift
	if "$@"; then
		result 1 "$description"
	else
		result 0 "$description"
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# Shows what was printed, after a failure.
show() {
	sed 's/^/# out: /' "$work/out"
	sed 's/^/# err: /' "$work/err"
}

# run CODE DESCRIPTION ARGUMENT...: tdxmod ends with CODE.
run() {
	expected=$1
	about=$2
	shift 2
	code=0
	"$TDXMOD" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
	that "$about" [ "$code" -eq "$expected" ]
	[ "$code" -eq "$expected" ] || { echo "# exit code $code, not $expected"; show; }
}

# as_nobody CODE DESCRIPTION ARGUMENT...: as run, but not as root, who may read all.
as_nobody() {
	program=$TDXMOD
	TDXMOD=$work/nobody
	run "$@"
	TDXMOD=$program
}

can_be_nobody() {
	cat >"$work/nobody" <<-END
		#!/bin/sh
		if [ "\$(id -u)" -eq 0 ]; then
			exec setpriv --reuid=65534 --regid=65534 --clear-groups "$TDXMOD" "\$@"
		fi
		exec "$TDXMOD" "\$@"
	END
	chmod 755 "$work/nobody" "$work"
	"$work/nobody" --help >"$work/nobody.out" 2>"$work/nobody.err"
}

# json DESCRIPTION: the last run printed one JSON value, in UTF-8, and the manual page
# names the members of its objects.
json() {
	"$tests/json-names" <"$work/out" >"$work/names"
	that "$1: is JSON" [ $? -eq 0 ]
	while read -r name; do
		sed '1,/^\.SH JSON/d' "$tests/../tdxmod.1" | grep -qw -e "$name" ||
			echo "$name"
	done <"$work/names" >"$work/unnamed"
	that_not "$1: members are documented" [ -s "$work/unnamed" ]
	sed 's/^/# not in the manual page: /' "$work/unnamed"
}

# says out|err PATTERN DESCRIPTION: the last run printed a line like PATTERN.
says() {
	that "$3" grep -q -e "$2" "$work/$1"
	grep -q -e "$2" "$work/$1" || show
}

# silent out|err DESCRIPTION
silent() {
	that_not "$2" [ -s "$work/$1" ]
	[ ! -s "$work/$1" ] || show
}

same() {
	that "$3" cmp -s "$1" "$2"
}

finish() {
	echo "1..$count"
	exit $((failed > 0))
}
