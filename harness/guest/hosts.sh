#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What there is of the interface on the kind of host that the argument names.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

there() { if [ -e "$1" ]; then echo yes; else echo no; fi; }

# Why a file cannot be read; nothing if it can.
why_unreadable() { cat <"$1" 2>&1 >/dev/null | sed 's/.*: //'; }

no_td_preserving() {
	is 'version' 1.5.06 "$(version)"
	is 'state' ready "$(cat $host/module_state)"
	for name in seamldr_version num_remaining_updates last_error; do
		is "no $name" no "$(there $host/$name)"
	done
	is 'no upload' no "$(there $upload)"
}

silent_seamldr() {
	simctl fault=SEAMLDR.INFO:any:1+:0:cf
	for name in seamldr_version num_remaining_updates; do
		is "silent: $name" 'No such device' "$(why_unreadable $host/$name)"
	done
	is 'silent: version' 1.5.06 "$(version)"
	is 'silent: upload' preparing:hw-error "$(upload /good.blob)"
	is 'silent: last_error' no-seamldr "$(cat $host/last_error)"

	simctl fault=clear fault=SEAMLDR.INFO:any:1+:8000000000010003
	is 'an error: seamldr_version' 'Input/output error' \
		"$(why_unreadable $host/seamldr_version)"

	simctl fault=clear
	is 'no error: seamldr_version' 1.5.00 "$(cat $host/seamldr_version)"
	is 'upload' '' "$(upload /good.blob)"
}

no_tdx() {
	is 'the driver is not loaded' no "$(there $host)"
	is 'nor can it be' 'No such device' "$(modprobe tdx-host 2>&1 | sed 's/.*: //')"
}

"$1"
done_testing
