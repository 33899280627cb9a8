#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The patches apply and equal the files.
set -eu
. "$(dirname -- "$0")/lib.sh"

exec "$harness/verify-series"
