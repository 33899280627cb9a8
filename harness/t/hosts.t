#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Hosts on which there is nothing to update, or nothing to update with.
set -eu
. "$(dirname -- "$0")/lib.sh"

# TDX_FEATURES0 without TD_PRESERVING
guest no-td-preserving -s features0=0x140000 hosts.sh no_td_preserving
guest silent-seamldr -f "$images/format1.blob:/good.blob" hosts.sh silent_seamldr
guest no-tdx -p hosts.sh no_tdx
done_testing
