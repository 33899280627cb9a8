#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Bad images and bad moments: the table in guest/scenarios/, and random ones.
#
# SEED= repeats a run of the random ones, SCENARIOS= names the boots that are wanted. Rows after
# which nothing helps but a reboot have a boot each.
set -eu
. "$(dirname -- "$0")/lib.sh"

program=$build/initramfs/programs/scenarios
seed=${SEED:-$(date +%s)}
known=

# A row may name a CPU: there are always four.
scenarios() {
	boot=$1
	shift
	known="$known $boot"
	case " ${SCENARIOS:-$boot} " in
	*" $boot "*) ;;
	*) return ;;
	esac
	guest "$boot" -c 4 -t 600 -f "$images/key.pem:/images/key.pem" scenarios "$@"
}

scenarios file-format1 -f 1 file
scenarios file-format2 -f 2 file
scenarios preflight preflight
scenarios kept kept
scenarios fresh fresh
scenarios handoff handoff
scenarios random -s "$seed" random
"$program" -l | grep 'alone$' >"$build/run/scenarios.alone"
while read -r group row _; do
	scenarios "$group-$row" "$group" "$row"
done <"$build/run/scenarios.alone"
for wanted in ${SCENARIOS:-}; do
	case "$known " in
	*" $wanted "*) ;;
	*) ok "SCENARIOS: there is a $wanted" false ;;
	esac
done
done_testing
