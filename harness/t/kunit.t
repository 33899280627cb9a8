#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's KUnit suites for this feature, built into the guest kernel.
set -eu
. "$(dirname -- "$0")/lib.sh"

[ -z "${KERNEL:-}" ] || skip_all 'this kernel was built elsewhere'
guest kunit -t 300 kunit.sh
done_testing
