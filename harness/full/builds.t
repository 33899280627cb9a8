#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The files that the series creates or changes compile without a remark in each configuration that
# changes what is built of them, by gcc and by clang. Linked are only the kernels that are booted.
set -eu
. "$(dirname -- "$0")/../t/lib.sh"
. "$(dirname -- "$0")/../series.sh"

guest_config=$config
remarks=$build/run/builds.remarks

build_make() {
	make -C "$tree" O="$out" -s -j"$(nproc)" LOCALVERSION= "$@" </dev/null
}

# configure LLVM SETTING...: the guest's configuration but for the settings, each of which
# must hold in the end.
configure() {
	llvm=$1
	shift
	cp "$guest_config" "$out/.config"
	printf 'CONFIG_%s\n' "$@" >>"$out/.config"
	build_make LLVM="$llvm" olddefconfig 2>/dev/null
	for setting; do
		case $setting in
		*=n) ! grep "^CONFIG_${setting%=n}=" "$out/.config" ;;
		*) grep -qx "CONFIG_$setting" "$out/.config" ;;
		esac || { echo "not to be had: $setting"; return 1; }
	done
}

# Those that are there from before said then what there is to say.
remove_objects() {
	git -C "$tree" diff --name-only --diff-filter=d refs/tdx/base HEAD |
		sed -n 's/\.c$/.o/p' | (cd "$out" && xargs rm -f)
}

# The folders of the series, and what it changes elsewhere.
compile() {
	remove_objects
	build_make LLVM="$1" prepare
	build_make LLVM="$1" arch/x86/virt/ drivers/virt/coco/ arch/x86/kvm/ \
		drivers/base/firmware_loader/ crypto/ 2>"$remarks" ||
		{ cat "$remarks"; return 1; }
	cat "$remarks"
	[ ! -s "$remarks" ]
}

# combination NAME LLVM SETTING...
combination() {
	name=$1
	llvm=$2
	shift
	out=$build/builds${llvm:+-clang}
	mkdir -p "$out" "$build/run"
	ok "$name: can be configured" configure "$@"
	ok "$name: compiles without a remark" compile "$llvm"
}

combination guest ''
combination built-in '' TDX_HOST_SERVICES=y TDX_HOST_KUNIT_TEST=y TDX_SEAMLDR_KUNIT_TEST=y
combination modules '' KVM_INTEL=m KUNIT=m TDX_HOST_SERVICES=m TDX_HOST_KUNIT_TEST=m \
	TDX_SEAMLDR_KUNIT_TEST=m
combination without-kunit '' KUNIT=n
combination without-driver '' TDX_HOST_SERVICES=n
combination without-tdx '' INTEL_TDX_HOST=n
combination without-tdx-in-kvm '' KVM_INTEL_TDX=n
combination without-tracing '' FTRACE=n
combination without-modules '' MODULES=n TDX_HOST_SERVICES=y TDX_HOST_KUNIT_TEST=y
combination clang 1
combination clang-built-in 1 TDX_HOST_SERVICES=y TDX_HOST_KUNIT_TEST=y
done_testing
