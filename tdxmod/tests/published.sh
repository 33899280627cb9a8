#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A folder in the layout of Intel's repository of TDX module binaries: test images
# that look alike, and Intel's own if TDX_IMAGES names a copy of the repository.

# shellcheck disable=SC1091
. "$(dirname "$0")/tap.sh"
# shellcheck disable=SC2154 # set by tap.sh
published=${TDX_IMAGES:+$(realpath -m "$TDX_IMAGES")}
cd "$work" || exit 1

page=4096
sigstruct_size=2048

# told NAME: what info says, of the last run.
told() {
	sed -n "s/^$1: //p" out
}

# Sets $module and $sigstruct to the two parts as Intel publishes them, or would.
find_parts() {
	version=$(basename "$1" .blob)
	separate=$(find "$2" -path "*/separate_files/*/$version.bin")
	if [ -n "$separate" ]; then
		module=$separate
		sigstruct=${separate%.bin}.sigstruct
		return
	fi
	module=part.bin
	sigstruct=part.sigstruct
	tail -c +$((page + 1)) "$1" | head -c $sigstruct_size >$sigstruct
	tail -c +$((page * (1 + $(told sigstruct_pages)) + 1)) "$1" >$module
}

other_format() {
	if [ "$1" = 1 ]; then echo 2; else echo 1; fi
}

# check_image FILE FOLDER
check_image() {
	name=$(basename "$1")
	run 0 "info $name" info "$1"
	that "$name has the version of its name" [ "tdx_module_$(told version).blob" = "$name" ]
	case $(told format) in
	0x100) format=1 ;;
	*) format=2 ;;
	esac
	find_parts "$1" "$2"
	run 0 "join of $name" join --module "$module" --sigstruct "$sigstruct" \
		--format $format -o joined.blob
	same joined.blob "$1" "reproduces $name"
	run 0 "convert $name" convert --format "$(other_format $format)" "$1" -o converted.blob
	run 0 "convert $name back" convert --format $format converted.blob -o back.blob
	same back.blob "$1" "gives $name back"
}

# check_folder FOLDER VERIFY-OPTION...
check_folder() {
	folder=$1
	shift
	find "$folder" -name '*.blob' | sort >images
	that 'there are images' [ -s images ]
	run 0 'all verify' verify "$@" "$folder"
	that 'each of them does' \
		[ "$(grep -c ': ok: signature: ' out)" -eq "$(wc -l <images)" ]
	run 0 'all are listed' list --sysfs . "$folder"
	that 'each of them is' [ "$(grep -c '\.blob$' out)" -eq "$(wc -l <images)" ]
	that_not 'none is damaged' grep -q ' damaged ' out
	run 0 'list --json' list --json --sysfs . "$folder"
	json 'list --json'
	while read -r image; do
		check_image "$image" "$folder"
	done <images
}

"$TDXMOD" keygen -o key.pem
"$tests/lookalikes.sh" key.pem lookalikes
that 'look-alikes are made' [ $? -eq 0 ]
check_folder lookalikes
run 1 'look-alikes are not taken for those of Intel' verify --require-intel lookalikes

# newest CPU RUNNING SEAMLDR VERSION: what a host would be told to install.
newest() {
	tdx_host=sys/devices/faux/tdx_host
	mkdir -p $tdx_host
	echo "$2" >$tdx_host/version
	echo "$3" >$tdx_host/seamldr_version
	run 0 "list for $1 with $2" list --sysfs sys --cpu "$1" lookalikes
	says out "^newest that preserves TDs: .*/tdx_module_$4.blob\$" "$4 is the newest"
}

mkdir -p sys/class/firmware/tdx_module sys/devices/system/cpu
for attribute in class/firmware/tdx_module/loading class/firmware/tdx_module/error; do
	echo 0 >sys/$attribute
done
echo idle >sys/class/firmware/tdx_module/status
for cpus in present online; do
	echo 0-7 >sys/devices/system/cpu/$cpus
done
newest 0x806f8 1.5.01 1.5.00 1.5.34
newest 0xa06f2 1.5.25 2.0.00 1.5.34
newest 0xa06d1 2.0.04 2.0.02 2.0.18
newest 0xa06d1 2.0.02 2.0.02 2.0.02

if [ -n "$published" ]; then
	check_folder "$published" --require-intel
else
	skip "Intel's images" 'TDX_IMAGES= names no folder'
fi

finish
