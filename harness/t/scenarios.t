#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The table of bad images and bad moments.
set -eu
. "$(dirname -- "$0")/lib.sh"

[ -x "$build/initramfs/programs/scenarios" ] || skip_all 'there is no scenario table'
guest scenarios -c 4 -t 600 -f "$images/key.pem:/images/key.pem" \
	-f "$images/format1.blob:/images/format1.blob" \
	-f "$images/format2.blob:/images/format2.blob" scenarios
done_testing
