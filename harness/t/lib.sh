# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the tests: TAP, and guest programs that print KTAP.

harness=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
top=${harness%/*}
build=$top/build
images=$build/images
config=$build/kernel${VARIANT:+-$VARIANT}/.config
count=0

result() {
	count=$((count + 1))
	echo "$1 $count - $2"
}

# ok NAME COMMAND...: a test case of one command.
ok() {
	name=$1
	shift
	if "$@" >&2; then result ok "$name"; else result 'not ok' "$name"; fi
}

skip() { result ok "$1 # SKIP $2"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
done_testing() { echo "1..$count"; }

# The seamsim options with which the images of this build can be installed.
test_signer() { echo "signer=$("$build/tdxmod/tdxmod" signer "$images/key.pem")"; }

# guest NAME [BOOT OPTION]... PROGRAM...: its test cases, and one that it ended well. The guest has
# all that there is to test: what is skipped was not found, and has failed.
guest() {
	guest_name=$1
	shift
	output=$build/run/$guest_name.ktap
	mkdir -p "$build/run"
	ended=0
	"$harness/boot" -n "$guest_name" -s "$(test_signer)" "$@" >"$output" || ended=$?
	"$harness/ktap" <"$output" | sed '/^1\.\./d' >"$output.flat"
	while read -r line; do
		case $line in
		'ok '*' # SKIP'*)
			line=${line#ok * - }
			result 'not ok' "$guest_name: ${line%% # SKIP*} (skipped:${line##*# SKIP})"
			;;
		'ok '*) result ok "$guest_name: ${line#ok * - }" ;;
		'not ok '*) result 'not ok' "$guest_name: ${line#not ok * - }" ;;
		*) echo "$line" ;;
		esac
	done <"$output.flat"
	# A program that reported failures may say so by its status too.
	if [ $ended -eq 0 ] || grep -q '^not ok' "$output.flat"; then
		ended=0
	fi
	ok "$guest_name: guest ended well" [ $ended -eq 0 ]
}
