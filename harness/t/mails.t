#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The mails that `make patches` writes satisfy checkpatch --strict.
set -eu
. "$(dirname -- "$0")/lib.sh"

ls "$top"/series/*.patch >/dev/null 2>&1 || skip_all 'series/ has no patch'

# New files are listed in MAINTAINERS by one patch of the series, not by each.
checkpatch() { (cd "$build/linux" && perl scripts/checkpatch.pl --strict -q --ignore FILE_PATH_CHANGES "$1"); }

mails=$(SENDER='Test Sender <sender@localhost.invalid>' "$harness/patches")
for mail in "$mails"/0*.patch; do
	case $mail in
	*/0000-*) continue ;;
	esac
	ok "checkpatch ${mail##*/}" checkpatch "$mail"
done
done_testing
