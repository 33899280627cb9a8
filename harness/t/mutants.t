#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The table of mutants fits the kernel files and the tests. That tests fail is for 'make mutants'.
set -eu
. "$(dirname -- "$0")/lib.sh"

[ -d "$build/linux" ] || skip_all 'this kernel was built elsewhere'
ok 'each edit changes one place, each test is there' "$harness/mutants" -n
done_testing
