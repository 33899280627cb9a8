#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: join-tap.sh PROGRAM...
#
# Runs programs that print TAP and prints one TAP stream of all their results.
# A program that dies, or prints fewer results than it planned, is a failure.

set -eu

for program; do
	name=$(basename "$program")
	echo "# begin $name"
	code=0
	"$program" || code=$?
	echo "# end $name $code"
done | awk '
function result(good, text) {
	failed += !good
	printf "%sok %d - %s: %s\n", good ? "" : "not ", ++total, name, text
	fflush()
}
/^# begin / { name = $3; planned = -1; seen = 0; bad = 0; next }
/^# end / {
	if (planned < 0 || seen != planned)
		result(0, "planned " planned " results, " seen " came")
	else if ($4 != 0 && !bad)
		result(0, "ended with " $4)
	next
}
/^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; next }
/^(not )?ok / {
	seen++
	good = $1 == "ok"
	bad += !good
	sub(/^(not )?ok [0-9]+( - )?/, "")
	result(good, $0)
	next
}
{ print "# " $0; fflush() }
END { printf "1..%d\n", total; exit failed > 0 }
'
