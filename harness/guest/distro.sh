#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A distribution's kernel: the driver is there because its alias fits the CPU, and it updates.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

loaded() { grep -o "^$1 " /proc/modules || :; }

is 'the driver was loaded as a module' 'tdx_host ' "$(loaded tdx_host)"
is 'KVM was loaded with TDX' Y "$(cat /sys/module/kvm_intel/parameters/tdx)"
old=$(version)
left=$(updates_left)
is 'update' '' "$(upload /images/new.blob)"
is 'another version runs' "$old -> 1.5.08" "$old -> $(version)"
is 'an update was used up' $((left - 1)) "$(updates_left)"
done_testing
