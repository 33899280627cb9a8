#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Images that do not fit are refused before anything is touched.
set -eu
. "$(dirname -- "$0")/lib.sh"

bad=$build/images/bad
page=4096
sigstruct=$page
module=$((2 * page))
files=

# refused NAME ERROR OPTION...: an image that tdxmod signs with these options.
refused() {
	file=$bad/$1=$2.blob
	shift 2
	"$build/tdxmod/tdxmod" sign --key "$images/key.pem" --pages 2 --version 1.5.09 "$@" -o "$file"
	files="$files -f $file:/images/${file##*/}"
}

cut_to() {
	truncate -s "$1" "$file"
}

rm -rf "$bad"
mkdir -p "$bad"
refused one-byte-short invalid-file-size
cut_to $((4 * page - 1))
refused one-page-short invalid-file-size
cut_to $((3 * page))
refused header-only invalid-file-size
cut_to $page
refused magic firmware-invalid --raw 8=^1
refused unknown-format firmware-invalid --raw 1=9
refused reserved-byte firmware-invalid --raw 4095=1
refused module-byte firmware-invalid --raw $((module + page))=^1
refused hash-byte firmware-invalid --raw $((sigstruct + 900))=^1
refused signature-byte firmware-invalid --raw $((sigstruct + 516))=^1
refused other-cpu firmware-invalid --cpu 0xc06f2
refused no-cpu firmware-invalid --cpu none
refused older-svn firmware-invalid --svn 1.4
refused other-svn-major firmware-invalid --svn 2.5
refused debug-signed firmware-invalid --debug
refused no-common-handoff-version firmware-invalid --hv 3 --min-hv 2
refused two-sigstruct-pages firmware-invalid --sigstruct-pages 2

# shellcheck disable=SC2086 # options
guest refusals $files -f "$images/format1.blob:/good.blob" refusals.sh
done_testing
