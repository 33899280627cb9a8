#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Our comments and pages become documentation without a remark: kernel-doc, Sphinx, the description
# of the ABI, and references from one file to another.
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/../series.sh"

out=$build/docs
page=arch/x86/tdx-module-update
abi=Documentation/ABI/testing/sysfs-devices-faux-tdx-host
ours="$page|seamldr|tdx-host"

no_remark_on_ours() { ! grep -E "$ours" "$1"; }

sphinx() {
	mkdir -p "$out"
	rm -rf "$out/Documentation"
	make -C "$tree" O="$out" SPHINXDIRS=arch/x86 htmldocs >"$out/log" 2>&1 </dev/null ||
		{ tail "$out/log"; return 1; }
	[ -e "$out/Documentation/output/arch/x86/tdx-module-update.html" ] && no_remark_on_ours "$out/log"
}

abi_is_valid() {
	tools/docs/get_abi.py --dir Documentation/ABI validate >"$out/abi" 2>&1 ||
		{ cat "$out/abi"; return 1; }
	no_remark_on_ours "$out/abi"
}

references_hold() {
	tools/docs/documentation-file-ref-check >"$out/references" 2>&1 ||
		{ cat "$out/references"; return 1; }
	no_remark_on_ours "$out/references"
}

cd "$tree"
for file in $(series_files "$tree" HEAD | grep -E '^(arch|drivers)/.*\.[ch]$'); do
	ok "kernel-doc: $file" scripts/kernel-doc -Werror -Wall -none "$file"
done
ok "Sphinx: $page" sphinx
ok "ABI: $abi" abi_is_valid
ok 'references to files' references_hold
done_testing
