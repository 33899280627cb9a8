#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The image tool's tests.
set -eu
. "$(dirname -- "$0")/lib.sh"

# The variables of the make that runs this are in the environment, TDX_IMAGES by its real name.
unset MAKEFLAGS
exec make -s -C "$top/tdxmod" O="$build/tdxmod" check
