#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Images that do not fit are refused before anything is touched, and tdxmod foresees it.
set -eu
. "$(dirname -- "$0")/lib.sh"

bad=$build/images/bad
page=4096
sigstruct=$page
module=$((2 * page))
files=
tdxmod=$build/tdxmod/tdxmod
: "${SEED:=$(date +%s)}"
mixed_of_each_format=20

# signed FILE OPTION...
signed() {
	file=$1
	shift
	"$tdxmod" sign --key "$images/key.pem" --pages 2 --version 1.5.09 "$@" -o "$file"
	files="$files -f $file:/${file#"$build/images/"}"
}

# refused NAME ERROR OPTION...: an image that tdxmod signs with these options.
refused() {
	target=$bad/$1=$2.blob
	shift 2
	signed "$target" "$@"
}

# A byte of the header's fields or the sigstruct's first page is another: some of these images are
# taken, since not all bytes mean something.
random_bytes() {
	awk -v seed="$SEED" -v count=$mixed_of_each_format -v sigstruct=$sigstruct 'BEGIN {
		srand(seed)
		for (i = 0; i < count; i++)
			printf "%d=^%d\n", i % 4 ? sigstruct + rand() * 2200 : rand() * 24,
			       1 + rand() * 255
	}'
}

cut_to() {
	truncate -s "$1" "$target"
}

rm -rf "$bad" "$images/mixed" "$images/running"
mkdir -p "$bad" "$images/mixed" "$images/running"
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
refused empty-field firmware-invalid --set module_vendor=0
refused no-sigstruct-version firmware-invalid --set header_version=0
refused later-sigstruct-hash firmware-invalid --set header_version=0x20000 --raw $module=^1

for format in 1 2; do
	signed "$images/mixed/sum-$format.blob" --format $format --raw 2=^1
	signed "$images/mixed/no-sum-$format.blob" --format $format --no-checksum
	for byte in $(random_bytes); do
		signed "$images/mixed/$format-${byte%=*}.blob" --format $format --raw "$byte"
	done
done
# For tdxmod to know the SVN and the handoff versions of what runs.
signed "$images/running/tdx_module_1.5.06.blob" --version 1.5.06
signed "$images/running/tdx_module_1.5.09.blob"

echo "# SEED=$SEED"
# shellcheck disable=SC2086 # options
guest refusals -t 300 -s updates=1000 $files -f "$images/format1.blob:/good.blob" refusals.sh
done_testing
