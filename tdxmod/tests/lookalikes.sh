#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: lookalikes.sh KEY.pem DIR
#
# Fills DIR with test images in the layout of Intel's repository of TDX module
# binaries: joined_files/SERIES/tdx_module_VERSION.blob for all of them,
# separate_files/SERIES/VERSION/tdx_module_VERSION.{bin,sigstruct} for the newer
# ones, mapping_file.json.  Older releases are in format 0x100 as they were first
# published, newer ones in 0x200; only the 2.0 series carries its version.
#
#   TDXMOD     the program

set -eu
: "${TDXMOD:?names the program}"
key=$1
folder=$2

page=4096
sigstruct_size=2048

# release VERSION FORMAT SVN CPUS PAGES MIN-VERSION SEAMLDRS FEATURES [OPTION...]
release() {
	version=$1
	format=$2
	series=${version%.*}
	joined=$folder/joined_files/$series/tdx_module_$version.blob
	mkdir -p "${joined%/*}"
	svn=$3
	cpus=$4
	pages=$5
	{
		printf '%s\n\t\t{\n' "$separator"
		printf '\t\t\t"version": "%s",\n' "$version"
		printf '\t\t\t"min_module_version_for_td_preserving": "%s",\n' "$6"
		printf '\t\t\t"strict_compat_versions": [ ],\n'
		printf '\t\t\t"min_seamldr_versions": [ %s ],\n' "$7"
		printf '\t\t\t"tdx_feature0": "%s"\n\t\t}' "$8"
	} >>"$list"
	separator=,
	shift 8
	"$TDXMOD" sign --key "$key" --format "$format" --svn "$svn" --cpu "$cpus" \
		--pages "$pages" --seed "$version" --handoff-pages 3 \
		--set gdt_idt_offset=4096 --set fault_wrapper_offset=8192 "$@" -o "$joined"
}

separate() {
	separate=$folder/separate_files/${1%.*}/$1/tdx_module_$1
	joined=$folder/joined_files/${1%.*}/tdx_module_$1.blob
	mkdir -p "${separate%/*}"
	tail -c +$((page + 1)) "$joined" | head -c $sigstruct_size >"$separate.sigstruct"
	tail -c +$((2 * page + 1)) "$joined" >"$separate.bin"
}

mkdir -p "$folder"
list=$folder/mapping_file.json
separator=
printf '{\n  "Header": {\n\t"Info": "made for tests",\n    "Version": "1.0"\n  },\n' >"$list"
printf '\t"tdx_module_releases": [' >>"$list"

xeon=0x806f8,0xc06f0
both='"1.5.00", "2.0.00"'
release 1.5.01 1 1.4 0x806f8 101 1.5.01 '"1.5.00"' 0xF0FBF
release 1.5.08 1 1.6 $xeon 112 1.5.01 "$both" 0x22E1F0FBF
release 1.5.24 2 1.9 $xeon 130 1.5.01 '"1.5.00"' 0xD1326F3F0FBF
release 1.5.25 2 1.9 0xa06f0 130 1.5.01 '"2.0.00"' 0xD1326F3F0FBF
release 1.5.34 2 1.11 $xeon,0xa06f0 146 1.5.01 "$both" 0x15AD9326F3F1FBF
release 2.0.02 1 3.3 0xa06d0 120 2.0.02 '"2.0.00"' 0x22E1F0FBF --version 2.0.02
release 2.0.04 2 3.4 0xa06d0,0xa06e0 121 2.0.04 '"2.0.00"' 0x26F1F0FBF --version 2.0.04
release 2.0.18 2 3.5 0xa06d0,0xa06e0 140 2.0.04 '"2.0.00"' 0x15AD9326F3F1FBF \
	--version 2.0.18
printf '\n\t]\n}' >>"$list"

for version in 1.5.24 1.5.25 1.5.34 2.0.18; do
	separate $version
done
