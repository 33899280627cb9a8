# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the scripts beside it: where things are kept, and how a message is said.

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/tdx-module-update
build=$top/build

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }
misuse() { echo "usage: ${0##*/} $*" >&2; exit 2; }

# Where the guest kernel is built, or is already.
kernel_folder() { echo "${KERNEL_FOLDER:-$build/kernel${BASE:+-$BASE}${VARIANT:+-$VARIANT}}"; }
kernel_image() { echo "${KERNEL:-$(kernel_folder)/arch/x86/boot/bzImage}"; }
