#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The image tool on the emulated host: status, check, update, in each state of the module.
set -eu
. "$(dirname -- "$0")/lib.sh"

reasons=$top/arch/x86/virt/vmx/tdx/seamldr_reason.c

explained() { grep -q "{ \"$1\"," "$top/tdxmod/explain.c"; }

tokens=$(sed -n 's/.*= { "\([a-z-]*\)",.*/\1/p' "$reasons")
ok 'the kernel has reasons' [ -n "$tokens" ]
for reason in $tokens; do
	ok "tdxmod explains $reason" explained "$reason"
done

guest tool -s updates=100 -f "$images/format1.blob:/images/tdx_module_1.5.08.blob" \
	-f "$images/format1-max.blob:/images/long.blob" \
	-f "$images/format2.blob:/images/other.blob" tool.sh
done_testing
