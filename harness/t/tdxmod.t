#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The image tool's tests.
set -eu
. "$(dirname -- "$0")/lib.sh"

exec make -s -C "$top/tdxmod" O="$build/tdxmod" check
