#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The mails that `make patches` writes satisfy checkpatch --strict.
set -eu
. "$(dirname -- "$0")/lib.sh"

ls "$top"/series/*.patch >/dev/null 2>&1 || skip_all 'series/ has no patch'

# New files are listed in MAINTAINERS by one patch of the series, not by each. Tables of tests
# are made by macros that name a field twice, and a flag set by a signal handler is volatile.
checkpatch() {
	case $1 in
	*KUnit*) tests=,MACRO_ARG_REUSE ;;
	*selftests*) tests=,VOLATILE ;;
	*) tests= ;;
	esac
	(cd "$build/linux" && perl scripts/checkpatch.pl --strict -q --ignore "FILE_PATH_CHANGES$tests" "$1")
}

mails=$(SENDER='Test Sender <sender@localhost.invalid>' "$harness/patches")
for mail in "$mails"/0*.patch; do
	case $mail in
	*/0000-*) continue ;;
	esac
	ok "checkpatch ${mail##*/}" checkpatch "$mail"
done
done_testing
