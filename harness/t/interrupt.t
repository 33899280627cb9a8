#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Updates interrupted at 50 random moments by each of four signals leave a device that works.
set -eu
. "$(dirname -- "$0")/lib.sh"

tests=$top/tdxmod/tests

: "${SEED:=$(date +%s)}"

# The longest image gives the upload time to be struck, the shortest is soon taken afterwards.
guest interrupt -t 1200 -s updates=1000 \
	-f "$images/format1-max.blob:/images/long.blob" \
	-f "$images/format1-min.blob:/images/short.blob" \
	-f "$tests/interrupt.sh:/tests/interrupt.sh" -f "$tests/tap.sh:/tests/tap.sh" \
	env TDXMOD=tdxmod SEED="$SEED" ROUNDS=50 NEXT=/images/short.blob \
	interrupt.sh /images/long.blob
done_testing
