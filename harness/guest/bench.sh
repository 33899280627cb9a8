#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Update again and again, and print what each took, one line each: bench.sh WHAT UPLOADS
#
#	updates		latency of a firmware call in ns, pages of the image, ns from "echo 0 >loading"
#			to idle, seamsim's account of the stop window
#	functions	pages, function, calls, microseconds in all
#	memory		pages, kB of images in the kernel before, at most, after
set -eu

what=$1
uploads=$2
tracing=/sys/kernel/tracing
leaves='TDH.SYS.SHUTDOWN SEAMLDR.INSTALL TDH.SYS.INIT TDH.SYS.LP.INIT TDH.SYS.UPDATE'

# Of both kernels; what a kernel does not have cannot be traced there.
functions='fw_upload_main stop_machine_cpuslocked
	tdx_host_prepare seamldr_preflight seamldr_blob_parse seamldr_blob_check_sigstruct
	seamldr_get_info tdx_read_handoff smp_call_function_single
	tdx_host_check_signature tdx_host_check_hash
	seamldr_update seamldr_make_plan seamldr_fill_params seamldr_keep_image tdx_refresh_sysinfo
	seamldr_install_module'

set_latency() {
	simctl latency=clear
	for leaf in $leaves; do
		simctl "latency=$leaf:$1"
	done
}

updates() {
	for latency in 0 10000 1000000; do
		set_latency $latency
		for_each_image update
	done
}

# for_each_image COMMAND: with the file and the number of pages, which is its name.
for_each_image() {
	for image in /images/*.blob; do
		pages=${image##*/}
		for _ in $(seq "$uploads"); do
			"$1" "$image" "${pages%.blob}"
		done
	done
}

update() {
	took=$(timed_upload "$1")
	window=$(simctl | sed 's/.*"window"://; s/,"erratum".*//')
	printf '%s\t%s\t%s\t%s\n' "$latency" "$2" "$took" "$window"
}

memory() {
	printf '%s\t%s\n' "$2" "$(timed_upload -m "$1")"
}

trace_functions() {
	mount -t tracefs tracefs $tracing
	for function in $functions; do
		echo "$function" >>$tracing/set_ftrace_filter 2>/dev/null || :
	done
}

# trace_stat has a file for each CPU; its lines: function, calls, microseconds, "us", ...
profile() {
	echo 0 >$tracing/function_profile_enabled
	echo 1 >$tracing/function_profile_enabled
	timed_upload "$1" >/dev/null
	echo 0 >$tracing/function_profile_enabled
	awk -v pages="$2" '
		$2 ~ /^[0-9]+$/ { calls[$1] += $2; us[$1] += $3 }
		END { for (f in us) printf "%s\t%s\t%s\t%s\n", pages, f, calls[f], us[f] }
	' $tracing/trace_stat/function*
}

case $what in
updates) updates ;;
functions) trace_functions; for_each_image profile ;;
memory) for_each_image memory ;;
esac
