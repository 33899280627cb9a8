#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The emulator's unit tests.
set -eu
. "$(dirname -- "$0")/lib.sh"

exec make -s -C "$top/seamsim" O="$build/seamsim" check
