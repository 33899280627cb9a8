#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# list, check, status and update, on a host made of plain files and an upload
# device as tests/fake_sysfs.c describes it.

# shellcheck disable=SC1091
. "$(dirname "$0")/tap.sh"
# shellcheck disable=SC2154 # set by tap.sh
cd "$work" || exit 1

device=sys/class/firmware/tdx_module
tdx_host=sys/devices/faux/tdx_host

# host VERSION: an idle host that runs VERSION.
host() {
	rm -rf sys
	mkdir -p "$device" "$tdx_host" sys/devices/system/cpu
	for name in loading data error cancel; do
		: >"$device/$name"
	done
	echo 0 >"$device/loading"
	echo idle >"$device/status"
	echo "$1" >"$tdx_host/version"
	echo 1.5.02 >"$tdx_host/seamldr_version"
	echo 20 >"$tdx_host/num_remaining_updates"
	echo ready >"$tdx_host/module_state"
	echo none >"$tdx_host/last_error"
	echo 0-3 >sys/devices/system/cpu/present
	echo 0-3 >sys/devices/system/cpu/online
}

# image VERSION SVN OPTION...: one for the folder.
image() {
	"$TDXMOD" sign --key key.pem --pages 40 --version "$1" --svn "$2" --seed "$1" \
		-o "images/tdx_module_$1.blob"
}

release() {
	printf '{ "version": "%s", "min_module_version_for_td_preserving": "%s",' "$1" "$2"
	printf ' "min_seamldr_versions": [ "%s" ], "tdx_feature0": "%s" }' "$3" "${4:-0xF0FBF}"
}

"$TDXMOD" keygen -o key.pem
mkdir images
image 1.5.05 1.5
image 1.5.06 1.5
image 1.5.08 1.7
image 1.5.09 1.8
image 1.5.16 1.9
image 2.0.02 3.3
{
	echo '{ "tdx_module_releases": ['
	release 1.5.05 1.5.01 1.5.00
	echo ,
	release 1.5.06 1.5.01 1.5.00
	echo ,
	release 1.5.08 1.5.01 1.5.00
	echo ,
	release 1.5.09 1.5.08 1.5.00
	echo ,
	release 1.5.16 1.5.01 1.5.09
	echo ,
	release 2.0.02 2.0.02 2.0.00
	echo ']}'
} >images/mapping_file.json

on='--sysfs sys --cpu 0x806f8'

# on_host CODE DESCRIPTION COMMAND ARGUMENT...
on_host() {
	expected=$1
	description=$2
	command=$3
	shift 3
	# shellcheck disable=SC2086 # several options
	run "$expected" "$description" "$command" $on "$@"
}

# clean DESCRIPTION: the device is ready for the next upload.
clean() {
	that "$1" [ "$(cat "$device/loading")" = 0 ]
}

runs() {
	that "then $1 runs" [ "$(cat "$tdx_host/version")" = "$1" ]
}

# --- a machine that is no TDX host

mkdir nothing
run 3 'status without TDX' status --sysfs nothing
run 3 'check without TDX' check --sysfs nothing images/tdx_module_1.5.08.blob
run 3 'update without TDX' update --yes --sysfs nothing images/tdx_module_1.5.08.blob
run 0 'list without TDX' list --sysfs nothing images
says out '^1.5.08 .* unknown ' 'what a host would say is unknown'

# --- status

host 1.5.06
on='--sysfs sys'
on_host 0 'status' status
says out '^TDX module: 1.5.06$' 'status: version'
says out '^P-SEAMLDR: 1.5.02$' 'status: P-SEAMLDR'
says out '^updates left: 20$' 'status: updates left'
says out '^module state: ready$' 'status: state'
echo 0 >"$tdx_host/num_remaining_updates"
on_host 0 'status without updates left' status
says out 'no updates are left until the next reboot' 'is explained'
echo 20 >"$tdx_host/num_remaining_updates"
echo shutdown >"$tdx_host/module_state"
echo 'transferring:firmware-invalid' >"$device/error"
on_host 0 'status in shutdown' status
says out 'TDs are frozen, not lost' 'shutdown is explained'
says out 'install an image' 'and what to do'
on_host 0 'status --json' status --json
json 'status --json'
says out '"module_state": "shutdown"' 'status --json: state'
says out '"upload_error": "transferring:firmware-invalid"' 'status --json: error'
echo lost >"$tdx_host/module_state"
on_host 0 'status in lost' status
says out 'what to do: reboot' 'lost is explained'
rm "$tdx_host/module_state" "$tdx_host/last_error"
on_host 0 'status with the driver of Linux 7.2' status
says out '^last update: transferring:firmware-invalid$' 'has its error'
says out 'does not tell whether the module survived' 'which is explained'
that_not 'and no state' grep -q 'module state' out
on_host 0 'status --json with that driver' status --json
json 'status --json with that driver'
says out '"module_state": null' 'has no state either'
echo >"$device/error"
on_host 0 'status with that driver and no error' status
that_not 'explains nothing' grep -q 'meaning' out
head -c 5000 /dev/zero | tr '\0' x >"$tdx_host/version"
on_host 0 'status with an endless attribute' status
says out 'TDX module: unknown' 'it is unknown'
rm -r sys/class
on_host 0 'status of a firmware that takes no updates' status
says out 'not offered by this kernel and firmware' 'says so'

host 1.5.06
on='--sysfs sys --cpu 0x806f8'
chmod 600 "$tdx_host/seamldr_version" "$device/cancel"
if can_be_nobody; then
	as_nobody 0 'status, not as root' status --sysfs sys
	says out '^P-SEAMLDR: unknown (Permission denied)$' 'says what is not known, and why'
	as_nobody 0 'status --json, not as root' status --json --sysfs sys
	json 'status --json, not as root'
	as_nobody 0 'check, not as root' check --sysfs sys --cpu 0x806f8 --releases images \
		images/tdx_module_1.5.08.blob
	says out 'unknown: seamldr' 'says what is not known'
	as_nobody 1 'update, not as root' update --yes --sysfs sys --cpu 0x806f8 \
		images/tdx_module_1.5.08.blob
	says err 'only root may update' 'is told'
	runs 1.5.06
else
	skip 'commands that are not for root alone' "cannot become another user: $(cat nobody.err)"
fi

# --- list

on='--sysfs sys --cpu 0x806f8'
host 1.5.06
on_host 0 'list' list images
says out '^1.5.08 .* takes .* kept ' 'takes a newer one'
says out '^1.5.06 .* kept .*(running)' 'marks the running one'
says out '^1.5.05 .* at-risk ' 'a way back risks TDs'
says out '^1.5.09 .* takes .* at-risk ' 'so does one that is too far'
says out '^1.5.16 .* refuses ' 'one needs a newer P-SEAMLDR'
says out '^2.0.02 .* refuses ' 'one is of another series'
says out '^newest that preserves TDs: images/tdx_module_1.5.08.blob$' 'newest'
on_host 0 'list --json' list --json images
json 'list --json'
says out '"newest_preserving_tds": "images/tdx_module_1.5.08.blob"' 'newest in JSON'
run 0 'list for other CPUs' list --sysfs sys --cpu 0xc06f2 images
says out '^1.5.08 .* refuses ' 'refuses all'
says out '^newest that preserves TDs: none$' 'and there is no newest'
cp -r images damaged
printf 'x' | dd of=damaged/tdx_module_1.5.08.blob bs=1 seek=9000 conv=notrunc 2>/dev/null
on_host 0 'list with a damaged image' list damaged
says out '^1.5.08 .* damaged ' 'it is marked'
rm damaged/mapping_file.json
on_host 0 'list without a list of releases' list damaged
says out '^1.5.05 .* unknown ' 'does not know about TDs'
echo '{' >damaged/mapping_file.json
on_host 1 'list with a broken list of releases' list damaged
says err 'mapping_file.json' 'it is named'
on_host 1 'list of a missing folder' list missing
run 2 'list with a wrong CPU is wrong use' list --cpu x images

# --- check

on_host 0 'check' check --releases images images/tdx_module_1.5.08.blob
says out 'ok: svn: 1.5 -> 1.7' 'check knows the SVN from the running image'
says out 'ok: td-preserving' 'check knows the policy'
says out 'unknown: td-build' 'check says what it does not know'
on_host 0 'check without a list of releases' check images/tdx_module_1.5.08.blob
says out 'unknown: svn' 'then the SVN is unknown'
on_host 1 'check of a way back' check --releases images images/tdx_module_1.5.05.blob
says out 'fail: td-preserving' 'fails for the policy'
run 1 'check for other CPUs' check --sysfs sys --cpu 0xc06f2 images/tdx_module_1.5.08.blob
says out 'fail: cpus: the image is not for CPU 0xc06f2 Emerald Rapids' 'names the CPU'
on_host 1 'check of a missing image' check missing.blob
head -c 9000 images/tdx_module_1.5.08.blob >truncated.blob
on_host 1 'check --json of a truncated image' check --json truncated.blob
json 'check --json of a truncated image'
says out '"accepted": false' 'says so'
on_host 1 'check of a folder' check images
"$TDXMOD" sign --key key.pem --version 1.5.08 --raw '2=^1' -o odd-sum.blob
on_host 0 'check of an image with a wrong checksum' check odd-sum.blob
says out 'note: checksum' 'which the kernel does not look at'
on_host 1 'update with that image' update --yes odd-sum.blob
"$TDXMOD" sign --key key.pem --version 1.5.08 --sigstruct-pages 2 -o long.blob
on_host 1 'check of a long sigstruct' check long.blob
says out 'fail: sigstruct-pages' 'names it'
echo 0-2 >sys/devices/system/cpu/online
on_host 1 'check with a CPU offline' check images/tdx_module_1.5.08.blob
says out 'fail: cpus-online' 'names them'
echo 0-3 >sys/devices/system/cpu/online
on_host 1 'check with a missing list' check --releases missing images/tdx_module_1.5.08.blob
echo 0 >"$tdx_host/num_remaining_updates"
on_host 1 'check without updates left' check --json images/tdx_module_1.5.08.blob
says out '"accepted": false' 'check --json says so'
json 'check --json'
on_host 1 'update without updates left' update --yes images/tdx_module_1.5.08.blob
says err 'updates-left' 'says why'

# --- update

host 1.5.06
on_host 2 'update asks, and nobody is there' update images/tdx_module_1.5.08.blob
on_host 0 'update --dry-run' update --dry-run --newest images
says out '^would install: 1.5.08 ' 'says what it would install'
on_host 0 'update --dry-run --version' update --dry-run --version 1.5.08 images
says out 'ok: td-preserving' 'prints the checks'
on_host 1 'update --dry-run of an image that is refused' update --dry-run --version 1.5.16 images
says out 'fail: seamldr' 'prints that check'
on_host 1 'update --dry-run of a truncated image' update --dry-run truncated.blob
runs 1.5.06
on_host 0 'update FILE' update --yes images/tdx_module_1.5.08.blob
says out '^TDX module: 1.5.06 -> 1.5.08$' 'says from what to what'
says out '^updates left: 19$' 'says how many are left'
says err 'no list of releases' 'says that it knows no policy'
same "$device/data" images/tdx_module_1.5.08.blob 'the device got the image'
clean 'the device is clean'
runs 1.5.08

host 1.5.06
on_host 0 'update --newest' update --yes --newest images
runs 1.5.08
on_host 0 'update --newest once more' update --yes --newest images
runs 1.5.09
on_host 0 'update --newest at the end' update --yes --newest images
says out 'is the newest' 'has nothing to do'
echo shutdown >"$tdx_host/module_state"
FAKE_STATE=ready
export FAKE_STATE
on_host 0 'update --newest at the end, in shutdown' update --yes --newest images
unset FAKE_STATE
says out '^TDX module: 1.5.09 -> 1.5.09$' 'installs it, for TDs to go on'
host 1.5.06
echo 0-2 >sys/devices/system/cpu/online
on_host 1 'update --newest with a CPU offline' update --yes --newest images
says err 'cpus-online: present are 0-3, but online only 0-2' 'says what is in the way'
host 1.5.06
on_host 1 'update --version that the list warns of' update --yes --version 1.5.09 images
says err 'td-preserving' 'names the policy'
runs 1.5.06
on_host 0 'update --force-incompatible' update --yes --force-incompatible --version 1.5.09 images
says err 'may crash' 'says what that risks'
runs 1.5.09
host 1.5.06
on_host 1 'force does not force anything else' update --yes --force-incompatible \
	--version 2.0.02 images
on_host 1 'update --version that is not there' update --yes --version 1.5.07 images
on_host 2 'update --version without a folder is wrong use' update --yes --version 1.5.07
on_host 2 'update of two files is wrong use' update --yes a b
on_host 1 'update of a missing file' update --yes missing.blob
on_host 1 'update of a damaged file' update --yes damaged/tdx_module_1.5.08.blob
runs 1.5.06

host 1.5.06
rm "$tdx_host/module_state" "$tdx_host/last_error"
on_host 0 'update with the driver of Linux 7.2' update --yes images/tdx_module_1.5.08.blob
that 'uploads format 0x200' [ "$(od -An -tx1 -N2 "$device/data" | tr -d ' ')" = 0002 ]

# with 'SETTING...' CODE DESCRIPTION ARGUMENT...: an update under conditions.
with() {
	settings=$1
	shift
	for setting in $settings; do
		export "${setting?}"
	done
	on_host "$1" "$2" update --yes images/tdx_module_1.5.08.blob
	for setting in $settings; do
		unset "${setting%%=*}"
	done
}

host 1.5.06
with 'FAKE_SHORT=1000 FAKE_EINTR=1' 0 'update with short writes and EINTR'
same "$device/data" images/tdx_module_1.5.08.blob 'the device got the image'
host 1.5.06
with 'FAKE_RUN_MSEC=300' 0 'update that takes its time'
says err 'preparing' 'shows progress'
says err 'transferring' 'and more progress'
for failure in 'preparing:firmware-invalid 1' 'preparing:invalid-file-size 1' \
	'preparing:flash-wearout 1' 'preparing:device-busy 4' 'preparing:hw-error 4' \
	'transferring:timeout 4' 'transferring:read-write-error 4' 'transferring:new-word 4'; do
	host 1.5.06
	with "FAKE_RESULT=${failure% *}" "${failure#* }" "update fails with ${failure% *}"
	says err 'what to do: ' 'and says what to do'
	runs 1.5.06
done
for failure in 'firmware-invalid svn 1' 'device-busy td-build 4' 'device-busy cpu-offline 4' \
	'hw-error no-seamldr 5' 'firmware-invalid some-new-word 1'; do
	# shellcheck disable=SC2086 # three words
	set -- $failure
	host 1.5.06
	with "FAKE_RESULT=preparing:$1 FAKE_REASON=$2" "$3" "update fails with $1 for $2"
	says err "^tdxmod: update failed: preparing:$1 ($2)\$" 'and says both'
done
says err 'the image is damaged or not for' 'a word that is not known falls back to the other'
host 1.5.06
with 'FAKE_RESULT=preparing:firmware-invalid FAKE_REASON=hash FAKE_STATE=shutdown' 4 \
	'update in shutdown with a bad image'
says out '^TDX module: 1.5.06 (shutdown)$' 'says version and state'
says err 'the image is damaged' 'explains the image'
says err 'TDs are frozen' 'and the state'
host 1.5.06
with 'FAKE_RESULT=transferring:hw-error FAKE_STATE=shutdown' 4 'update ends in shutdown'
says err 'install an image' 'and says what to do'
with 'FAKE_STATE=ready' 0 'another update from shutdown'
host 1.5.06
with 'FAKE_RESULT=transferring:hw-error FAKE_STATE=lost' 5 'update ends in lost'
says err 'what to do: reboot' 'and says what to do'
with '' 5 'another update from lost'
host 1.5.06
rm "$tdx_host/module_state"
with 'FAKE_RESULT=transferring:firmware-invalid' 5 'update fails with the driver of Linux 7.2'
host 1.5.06
with 'FAKE_STATE=lost' 5 'update that the device praises and the state does not'
host 1.5.06
"$TDXMOD" sign --key key.pem --pages 40 -o tdx_module_1.5.10.blob
on_host 0 'update with an image whose name promises too much' update --yes \
	tdx_module_1.5.10.blob
says err 'not 1.5.10' 'is told'
host 1.5.06
with "FAKE_DATA_ERROR=12" 4 'update when the kernel has no memory'
clean 'leaves the device clean'
host 1.5.06
with "FAKE_DONE_ERROR=16" 4 'update when the device is busy at the end'
clean 'leaves the device clean'
host 1.5.06
echo 1 >"$device/loading"
with '' 0 'update after one that was killed'
says err 'never finished' 'says that it throws something away'
with '' 0 'an update after that'
that_not 'has nothing to throw away' grep -q 'never finished' err
host 1.5.06
echo 0 >"$device/fake-started"
with 'FAKE_RUN_MSEC=999999999999' 4 'update while another one runs'
says err 'in progress' 'is told'
host 1.5.06
rm -r sys/class
with '' 3 'update without an upload device'

host 1.5.06
FAKE_RUN_MSEC=5000
export FAKE_RUN_MSEC
on_host 4 'update that takes too long' update --yes --timeout 1 images/tdx_module_1.5.08.blob
says err 'no end after 1 s' 'is left alone'
unset FAKE_RUN_MSEC

# --- asked on a terminal

# answer TEXT CODE DESCRIPTION
answer() {
	code=0
	printf '%s\n' "$1" | script -qec \
		"$TDXMOD update $on images/tdx_module_1.5.08.blob" script.log >out || code=$?
	that "$3" [ "$code" -eq "$2" ]
}

host 1.5.06
if command -v script >script.path; then
	answer n 1 'update is told no'
	says out 'Install TDX module 1.5.08 in place of 1.5.06' 'says what it is about to do'
	runs 1.5.06
	answer '' 1 'update is told nothing'
	runs 1.5.06
	answer y 0 'update is told yes'
	runs 1.5.08
else
	skip 'answers on a terminal' 'script(1) is missing'
fi

# --- two at once

host 1.5.06
FAKE_WRITE_USEC=20000 "$TDXMOD" update --sysfs sys --cpu 0x806f8 --yes \
	images/tdx_module_1.5.08.blob >/dev/null 2>&1 </dev/null &
first=$!
# Until it has begun, or has given up.
while [ "$(cat "$device/loading")" != 1 ] && kill -0 "$first" 2>kill.err; do
	sleep 0.01
done
on_host 4 'a second update while the first uploads' update --yes images/tdx_module_1.5.08.blob
says err 'another update is in progress' 'is told'
that 'does not disturb the first' wait "$first"
runs 1.5.08

# --- interrupted at chosen moments

"$TDXMOD" sign --key key.pem --version 1.5.08 --svn 1.7 -o one-page.blob

# begin: an update in the background; $victim is its process.
begin() {
	host 1.5.06
	# Whoever runs the tests under nohup has SIGHUP ignored, which a program inherits.
	# shellcheck disable=SC2086 # several options
	env --default-signal=HUP "$TDXMOD" update $on --yes one-page.blob >out 2>err </dev/null &
	victim=$!
}

# until CONDITION...: it holds, or the victim is gone.
until_true() {
	while ! "$@" && kill -0 "$victim" 2>kill.err; do
		sleep 0.01
	done
}

# shellcheck disable=SC2317 # called by until_true
has_bytes() {
	[ "$(stat -c %s "$device/data")" -eq "$1" ]
}

# ended CODE DESCRIPTION
ended() {
	code=0
	wait "$victim" || code=$?
	that "$2" [ "$code" -eq "$1" ]
}

export FAKE_WRITE_USEC=300000
for bytes in 4096 8192; do
	begin
	until_true has_bytes $bytes
	kill -TERM "$victim"
	ended 4 "update interrupted after $bytes of 12288 bytes"
	says err 'nothing was changed' 'says that nothing was changed'
	clean 'leaves the device clean'
	runs 1.5.06
done
begin
until_true has_bytes 8192
: >"$device/data"
echo 0 >"$device/loading"
ended 4 'update while somebody without the lock uploads'
says err 'another update is in progress' 'is told'
runs 1.5.06
unset FAKE_WRITE_USEC

export FAKE_RUN_MSEC=1500 FAKE_CANCEL=1
begin
until_true [ -s "$device/fake-started" ]
kill -HUP "$victim"
ended 4 'update interrupted while the kernel works'
says err 'asked the kernel to cancel' 'says what it does'
says err 'transferring:user-abort' 'has been cancelled'
runs 1.5.06
unset FAKE_CANCEL
begin
until_true [ -s "$device/fake-started" ]
kill -TERM "$victim"
ended 0 'update that cannot be cancelled any more'
runs 1.5.08
begin
until_true [ -s "$device/fake-started" ]
kill -TERM "$victim"
sleep 0.2
kill -TERM "$victim"
ended 4 'a second signal ends the waiting'
says err 'the kernel goes on' 'and says so'
unset FAKE_RUN_MSEC

# --- interrupted at random moments

host 1.5.06
echo 100000 >"$tdx_host/num_remaining_updates"
# Tests that run in the background of a shell have SIGINT ignored, too.
FAKE_WRITE_USEC=4000 FAKE_RUN_MSEC=100 FAKE_CANCEL=1 OPTIONS=$on SYSFS=sys \
	env --default-signal=HUP,INT "$tests/interrupt.sh" images/tdx_module_1.5.08.blob >interrupt.tap
that 'update survives interruptions' [ $? -eq 0 ]
sed 's/^/# /' interrupt.tap

finish
