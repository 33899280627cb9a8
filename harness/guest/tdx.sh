# SPDX-License-Identifier: GPL-2.0-only
# Sourced by guest scripts: the update interface in sysfs, and TAP.

host=/sys/devices/faux/tdx_host
upload=/sys/class/firmware/tdx_module
count=0

version() { cat $host/version; }
updates_left() { cat $host/num_remaining_updates; }

# Upload a file; print what the kernel says about it, nothing if all is well.
upload() {
	echo 1 >$upload/loading
	cat "$1" >$upload/data
	echo 0 >$upload/loading
	while [ "$(cat $upload/status)" != idle ]; do
		sleep 0.1
	done
	cat $upload/error
}

# is NAME EXPECTED SEEN
is() {
	count=$((count + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "# expected '$2', seen '$3'"
	fi
}

done_testing() { echo "1..$count"; }
