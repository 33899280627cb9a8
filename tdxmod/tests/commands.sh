#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands that work on files: good, bad, truncated and unreadable input.

# shellcheck disable=SC1091
. "$(dirname "$0")/tap.sh"
# shellcheck disable=SC2154 # set by tap.sh
cd "$work" || exit 1

# bytes FILE OFFSET COUNT: that part of a file.
bytes() {
	dd if="$1" bs=1 skip="$2" count="$3" 2>/dev/null
}

# --- help and wrong use

run 2 'no command is wrong use'
silent out 'wrong use prints nothing on stdout'
run 2 'an unknown command is wrong use' frobnicate
says err "no command 'frobnicate'" 'an unknown command is named'
run 0 'help is no error' --help
silent err 'help asked for goes to stdout'
for command in info verify list check update status join convert keygen signer sign; do
	run 0 "$command --help" "$command" --help
	says out "^usage: tdxmod $command" "$command: usage on stdout"
	run 2 "$command with an unknown option is wrong use" "$command" --frobnicate
	silent out "$command: wrong use prints nothing on stdout"
done
for command in info verify list check convert join keygen signer sign update; do
	run 2 "$command without arguments is wrong use" "$command"
done
run 2 'status takes no argument' status x
run 2 'an option of another command is wrong use' verify -o x x
run 2 'an option without its value is wrong use' list --cpu

"$TDXMOD" --help >/dev/full 2>"$work/err" </dev/null
that 'a full disk under stdout is noticed' [ $? -eq 1 ]

# --- keygen, signer

run 0 'keygen' keygen -o key.pem
that 'a key is for its owner only' [ "$(stat -c %a key.pem)" = 600 ]
that 'a key says that it is a test key' grep -q 'development only' key.pem
run 0 'signer' signer key.pem
that 'signer prints 96 hexadecimal digits' grep -Eqx '[0-9a-f]{96}' out
cp out signer
run 1 'keygen into a missing folder' keygen -o missing/key.pem
run 1 'signer of a missing key' signer missing.pem
run 1 'signer of a folder' signer .
head -c 200 key.pem >short.pem
run 1 'signer of half a key' signer short.pem
says err 'not a private key' 'half a key is told'
run 2 'signer of two keys is wrong use' signer key.pem key.pem

# --- sign

run 0 'sign' sign --key key.pem --pages 5 --version 1.5.08 --svn 1.7 \
	--cpu 0x806f8,0xc06f0 --date 20260102 -o v1.blob
silent out 'sign prints nothing'
run 0 'sign, format 2' sign --key key.pem --pages 5 --version 1.5.08 --svn 1.7 \
	--cpu 0x806f8,0xc06f0 --date 20260102 --format 2 -o v2.blob
run 0 'sign again' sign --key key.pem --pages 5 --version 1.5.08 --svn 1.7 \
	--cpu 0x806f8,0xc06f0 --date 20260102 -o again.blob
same v1.blob again.blob 'the same request gives the same bytes'
run 0 'sign with another seed' sign --key key.pem --pages 5 --seed other -o other.blob
bytes v1.blob 8192 4096 >page1
bytes other.blob 8192 4096 >page2
that_not 'another seed gives another module' cmp -s page1 page2
SOURCE_DATE_EPOCH=0 "$TDXMOD" sign --key key.pem -o epoch.blob
run 0 'info' info epoch.blob
says out '^date: 1970-01-01$' 'SOURCE_DATE_EPOCH is heard'

run 0 'largest image' sign --key key.pem --pages 496 --sigstruct-pages 4 -o largest.blob
that 'the largest image has 501 pages' [ "$(stat -c %s largest.blob)" -eq $(((1 + 4 + 496) * 4096)) ]
run 0 'the largest image is sound' verify largest.blob
for wrong in '--pages 0' '--pages 497' '--pages x' '--format 3' '--svn 1' '--svn 1.256' \
	'--version 1.5' '--cpu x' '--cpu 0x806f8,' '--hv 65536' '--sigstruct-pages 5' \
	'--handoff-pages 0' '--date 2026' '--raw 1' '--raw 1=256' '--raw x=1'; do
	# shellcheck disable=SC2086 # option and value
	run 2 "sign $wrong is wrong use" sign --key key.pem $wrong -o wrong.blob
done
run 1 'sign with an unknown field' sign --key key.pem --set no_such=1 -o wrong.blob
run 1 'sign with a byte behind the end' sign --key key.pem --raw 12288=1 -o wrong.blob
run 1 'sign with a missing key' sign --key missing.pem -o wrong.blob
run 1 'sign of a missing module' sign --key key.pem --module missing -o wrong.blob
printf 'x' >odd
run 1 'sign of an odd module' sign --key key.pem --module odd -o wrong.blob
: >empty
run 1 'sign of an empty module' sign --key key.pem --module empty -o wrong.blob
that 'no failure leaves a file' [ ! -e wrong.blob ]
set -- *.blob.*
that 'no failure leaves a temporary file' [ ! -e "$1" ]

run 0 'a field can be set' sign --key key.pem --set header_type=5 -o wrong.blob
run 1 'and is found' verify wrong.blob
says out 'header_type is 0x5, not 0x6' 'the field is named'
says out 'ok: signature' 'its signature holds nevertheless'
run 0 'a byte can be flipped' sign --key key.pem --raw '8192=^1' -o wrong.blob
run 1 'and is found' verify wrong.blob
says out 'fail: hash' 'by the hash'
says out 'fail: checksum' 'and by the checksum'
says out 'ok: signature' 'but not by the signature'
run 0 'the checksum can be left out' sign --key key.pem --no-checksum -o wrong.blob
run 0 'which is no fault' verify wrong.blob
says out 'note: checksum: not filled' 'but is told'

# --- info

run 0 'info' info v1.blob
for line in 'format: 0x100' 'size: 28672' 'checksum_state: good' 'sigstruct_pages: 1' \
	'module_pages: 5' 'test_image: true' 'version: 1.5.08' 'version_from: sigstruct' \
	'module_type: production' 'date: 2026-01-02' 'svn: 1.7' 'handoff_pages: 1' \
	'signer_name: other' 'sigstruct.header_version: 0x10000' \
	'cpu: 0x806f8 family 6 model 0x8f stepping 8 Sapphire Rapids'; do
	says out "^$line\$" "info says $line"
done
says out "^signer: $(cat signer)\$" 'info names the signer as signer does'
run 0 'info --json of two' info --json v1.blob v2.blob
json 'info --json'
says out '"format": "0x200"' 'both are there'
run 0 'info of a debug image' sign --key key.pem --debug --no-downgrade --hv 3 --min-hv 1 \
	--handoff-pages 4 --cpu none --sigstruct-pages 2 -o debug.blob
run 0 'info of a debug image' info debug.blob
for line in 'module_type: debug' 'no_downgrade: true' 'module_hv: 3' 'min_update_hv: 1' \
	'handoff_pages: 4' 'sigstruct_pages: 2' 'version: unknown'; do
	says out "^$line\$" "info says $line"
done
cp debug.blob tdx_module_1.5.16.blob
run 0 'info of an image with a telling name' info tdx_module_1.5.16.blob
says out '^version: 1.5.16$' 'the version is taken from the name'
says out '^version_from: file name$' 'and info says so'
run 0 'sign for the future' sign --key key.pem --set header_version=0x20000 -o future.blob
run 0 'info --json of a sigstruct of the future' info --json future.blob
json 'info --json of it'
run 0 'info of a sigstruct of the future' info future.blob
says out '^unknown_header_version: 0x20000$' 'its fields are not decoded'
run 0 'verify of a sigstruct of the future' verify future.blob
says out 'unknown: sigstruct' 'its fields are not judged'
says out 'ok: hash' 'its hash is where it always was'
run 0 'sign for the far future' sign --key key.pem --set header_version=0x20000 \
	--set size=0x400 -o future.blob
run 0 'verify of a larger sigstruct' verify future.blob
says out 'unknown: signature' 'nothing is said of its signature'
odd=$(printf 'odd\377"\\name.blob')
cp v1.blob "$odd"
run 0 'info --json of an odd name' info --json "$odd"
json 'info --json of an odd name'
run 0 'verify --json of an odd name' verify --json "$odd"
json 'verify --json of an odd name'
rm -f "$odd"

# --- truncated and unreadable input, for each command that reads an image

head -c 12000 v1.blob >truncated.blob
head -c 16384 v1.blob >shorter.blob
printf 'TDX' >tiny.blob
head -c 3000000 /dev/zero >zero.blob
for file in missing.blob . empty tiny.blob truncated.blob shorter.blob zero.blob; do
	run 1 "info $file" info "$file"
	run 1 "convert $file" convert --format 2 "$file" -o wrong.blob
	if [ "$file" != . ]; then
		run 1 "verify $file" verify "$file"
	fi
done
run 1 'one good file among bad ones is still printed' info missing.blob v1.blob
says out '^file: v1.blob$' 'it is there'
mkdir -m 755 open
mkdir -m 777 writable
mkdir -m 000 secret
cp v1.blob open
cp v1.blob secret.blob
cp key.pem secret.pem
chmod 000 secret.blob secret.pem
if can_be_nobody; then
	as_nobody 1 'info of a file without permission' info secret.blob
	says err 'Permission denied' 'says why'
	as_nobody 1 'verify --json of a file without permission' verify --json secret.blob
	json 'verify --json of it'
	says out '"sound": false' 'says that it is not sound'
	as_nobody 1 'convert of a file without permission' convert --format 2 secret.blob \
		-o writable/wrong.blob
	as_nobody 1 'convert into a folder without permission' convert --format 2 open/v1.blob \
		-o open/wrong.blob
	as_nobody 1 'join with a module without permission' join --module secret.blob \
		--sigstruct open/v1.blob -o writable/wrong.blob
	as_nobody 1 'sign with a key without permission' sign --key secret.pem \
		-o writable/wrong.blob
	as_nobody 1 'signer of a key without permission' signer secret.pem
	as_nobody 1 'keygen into a folder without permission' keygen -o open/key.pem
	as_nobody 1 'verify of a folder without permission' verify secret
	as_nobody 1 'list of a folder without permission' list --sysfs . secret
	mv secret open
	as_nobody 1 'verify of a folder with one without permission' verify open
	says out 'ok: signature' 'the others are verified'
	says err 'open/secret: cannot be read' 'and it is named'
	as_nobody 1 'list of a folder with one without permission' list --sysfs . open
	mv open/secret .
	set -- writable/*
	that 'nothing was written' [ ! -e "$1" ]
else
	skip 'files without permission' "cannot become another user: $(cat nobody.err)"
fi
ln -s nothing open/dangling.blob
run 1 'verify of a folder with a dangling link' verify open
says out 'dangling.blob: fail: file' 'finds it'
rm -rf tiny.blob secret* open writable

# --- verify

run 0 'verify' verify v1.blob v2.blob
that 'five findings each are ok' [ "$(grep -c ': ok: ' out)" -eq 10 ]
run 1 'verify --require-intel of a test image' verify --require-intel v1.blob
says out 'fail: signer' 'for the signer'
run 0 'verify --json' verify --json v1.blob
json 'verify --json'
says out '"sound": true' 'verify --json says sound'
mkdir -p folder/1.5
cp v1.blob folder/1.5/tdx_module_1.5.08.blob
cp v2.blob folder/named-otherwise
echo '{}' >folder/mapping_file.json
run 0 'verify of a folder' verify folder
that 'finds images by suffix and by content' [ "$(grep -c 'ok: hash' out)" -eq 2 ]
cp truncated.blob folder/1.5/tdx_module_1.5.09.blob
run 1 'verify of a folder with a truncated image' verify folder
mkdir none
run 1 'verify of a folder without images' verify none
# One byte of each part.
for offset in 0 2 4 8 24 4096 4224 4612 4996 5044 5120 8192 28671; do
	"$TDXMOD" sign --key key.pem --pages 5 --version 1.5.08 --raw "$offset=^0x55" -o bad.blob
	run 1 "verify finds a changed byte at $offset" verify bad.blob
done

# --- join, convert

bytes v1.blob 4096 2048 >module.sigstruct
tail -c +8193 v1.blob >module.bin
run 0 'join' join --module module.bin --sigstruct module.sigstruct -o joined.blob
same joined.blob v2.blob 'gives the image back'
run 0 'join, format 1' join --module module.bin --sigstruct module.sigstruct --format 1 \
	-o joined.blob
same joined.blob v1.blob 'gives the other image back'
tail -c +8193 other.blob >other.bin
rm -f wrong.blob
run 1 'join of parts of different images' join --module other.bin \
	--sigstruct module.sigstruct -o wrong.blob
says err 'about another module' 'is refused for that reason'
head -c 2047 module.sigstruct >short.sigstruct
run 1 'join with a short sigstruct' join --module module.bin --sigstruct short.sigstruct \
	-o wrong.blob
run 1 'join with a huge sigstruct' join --module module.bin --sigstruct module.bin \
	-o wrong.blob
run 1 'join with an odd module' join --module odd --sigstruct module.sigstruct -o wrong.blob
run 1 'join with a missing module' join --module missing --sigstruct module.sigstruct \
	-o wrong.blob
run 1 'join with a missing sigstruct' join --module module.bin --sigstruct missing \
	-o wrong.blob
that 'no failed join leaves a file' [ ! -e wrong.blob ]

run 0 'convert 1 to 2' convert --format 2 v1.blob -o converted.blob
same converted.blob v2.blob 'gives the image as signed in format 2'
run 0 'convert 2 to 1' convert --format 1 converted.blob -o back.blob
same back.blob v1.blob 'gives the image back'
run 0 'convert of a long sigstruct' convert --format 2 largest.blob -o converted.blob
run 0 'is sound' verify converted.blob
run 2 'convert without a format is wrong use' convert v1.blob -o wrong.blob
if [ -w /dev/full ]; then
	run 1 'convert to a full disk' convert --format 2 v1.blob -o /dev/full
fi

finish
