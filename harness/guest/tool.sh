#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What tdxmod does and says on a host, by its exit codes; also on mainline's driver.
set -eu
# shellcheck source=tdx.sh
. /tests/tdx.sh

image=/images/tdx_module_1.5.08.blob
out=/tmp/out
err=/tmp/err

# ends CODE NAME ARGUMENT...
ends() {
	expected=$1
	name=$2
	shift 2
	code=0
	tdxmod "$@" >$out 2>$err </dev/null || code=$?
	is "$name: exit code" "$expected" "$code"
	[ "$code" = "$expected" ] || sed 's/^/# /' $out $err
}

# says FILE LINE: among what was printed.
says() {
	if grep -qF -e "$2" "$1"; then is "says: $2" '' ''; else is "says: $2" "$2" "$(cat "$1")"; fi
}

mainline() { [ ! -e $host/module_state ]; }

ends 0 'status' status
says $out "TDX module: $(version)"
says $out "P-SEAMLDR: $(cat $host/seamldr_version)"
says $out "updates left: $(updates_left)"
says $out 'update: idle'
mainline || says $out 'module state: ready'
ends 3 'status of a machine without TDX' status --sysfs /tmp
ends 2 'wrong use' update
ends 0 'check' check $image
ends 1 'check for another CPU' check --cpu 0xc06f2 $image
ends 0 'update --dry-run' update --dry-run $image
says $out 'would install: 1.5.08'
old=$(version)

if ! mainline; then
	# Nothing is kept yet that could be rolled back to.
	simctl fault=SEAMLDR.INSTALL:last:1+:8000000000010002
	ends 4 'update without memory for the firmware' update --yes $image
	says $out "TDX module: $old (shutdown)"
	says $err 'TDs are frozen, not lost'
	ends 0 'status in shutdown' status
	says $out 'module state: shutdown'
	says $out 'install an image'
	ends 0 'check in shutdown' check $image
	simctl fault=clear
fi

ends 0 'update' update --yes $image
says $out "TDX module: $old -> 1.5.08"
says $out "updates left: $(updates_left)"
is 'update: version' 1.5.08 "$(version)"
is 'update: device' 0 "$(cat $upload/loading)"

echo 1 >$upload/loading
head -c 8192 $image >$upload/data
ends 0 'update after an upload that was given up' update --yes $image
says $err 'throwing away an upload that was never finished'

left=$(updates_left)
simctl updates=0
ends 1 'update without updates left' update --yes $image
says $err 'updates-left'
simctl updates="$left"

echo 0 >/sys/devices/system/cpu/cpu1/online
ends 1 'update with a CPU offline' update --yes $image
says $err 'cpus-online'
echo 1 >/sys/devices/system/cpu/cpu1/online

# stop_in_upload: an update in the background, stopped while it uploads.
stop_in_upload() {
	tdxmod update --yes /images/long.blob >/tmp/first 2>&1 </dev/null &
	first=$!
	until loading || ! kill -0 $first 2>/dev/null; do :; done
	kill -STOP $first 2>/dev/null && loading
}

loading() {
	read -r state <$upload/loading
	[ "$state" = 1 ]
}

# On a busy machine the upload may be over before it is seen.
tries=0
until stop_in_upload || [ $tries -eq 10 ]; do
	kill -CONT $first 2>/dev/null || :
	wait $first
	tries=$((tries + 1))
done
# Mainline takes only the newer format.
is 'another upload in between: taken' '' "$(upload /images/other.blob)"
kill -CONT $first
code=0
wait $first || code=$?
is 'another upload in between: exit code' 4 $code
says /tmp/first 'another update is in progress'

if mainline; then
	simctl fault=SEAMLDR.INSTALL:last:1:8000000000010002
	ends 5 'update without memory for the firmware' update --yes $image
	says $err 'does not tell whether the module survived'
	ends 0 'status afterwards' status
	says $out 'last update: transferring:'
	says $out 'try to start a TD; if that fails, reboot'
else
	simctl fault=SEAMLDR.INSTALL:last:1:8000000000010002:1
	ends 5 'update that loses the module' update --yes $image
	says $err 'what to do: reboot'
	ends 5 'update of a lost module' update --yes $image
	ends 1 'check of a lost module' check $image
	ends 0 'status of a lost module' status
	says $out 'module state: lost'
	says $out 'what to do: reboot'
fi
done_testing
