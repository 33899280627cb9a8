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
left=" ${SCENARIOS:-} "

# A row may name a CPU: there are always four.
scenarios() {
	boot=$1
	shift
	case " ${SCENARIOS:-$boot} " in
	*" $boot "*) ;;
	*) return ;;
	esac
	left=${left%%" $boot "*}\ ${left#*" $boot "}
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
[ -z "$(echo "$left" | xargs)" ] || ok "SCENARIOS: there is no $(echo "$left" | xargs)" false
done_testing
