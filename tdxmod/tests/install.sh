#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What packagers see: make install, and a manual page that has every option.
#
#   O          where tdxmod is built

# shellcheck disable=SC1091
. "$(dirname "$0")/tap.sh"
# shellcheck disable=SC2154 # set by tap.sh
cd "$work" || exit 1

# install_tdxmod VARIABLE=VALUE...
# shellcheck disable=SC2317 # called by that
install_tdxmod() {
	MAKEFLAGS='' make -s -C "$tests/.." O="$O" install "$@" >out 2>err
}

# shellcheck disable=SC2317 # called by that
has_mode() {
	[ "$(stat -c %a "$2" 2>/dev/null)" = "$1" ]
}

that 'install' install_tdxmod DESTDIR="$work/package" PREFIX=/usr
that 'the program is there' has_mode 755 package/usr/bin/tdxmod
that 'the manual page is there' has_mode 644 package/usr/share/man/man1/tdxmod.1
that 'and nothing else' [ "$(find package -type f | wc -l)" -eq 2 ]
that 'install again' install_tdxmod DESTDIR="$work/package" PREFIX=/usr
that 'install elsewhere' install_tdxmod BINDIR="$work/bin" MANDIR="$work/man"
that 'the program is there' has_mode 755 bin/tdxmod
that 'the manual page is there' has_mode 644 man/man1/tdxmod.1
bin/tdxmod --help >help
that 'what is installed runs' [ $? -eq 0 ]

sed 's/\\-/-/g; s/\\f[BIR]//g' man/man1/tdxmod.1 >page
sed -n 's/^  \([a-z]*\)  .*/\1/p' help >commands
that 'there are commands' [ -s commands ]
while read -r command; do
	that "the manual page shows how to call $command" grep -q "^tdxmod $command " page
	run 0 "$command --help" "$command" --help
	grep -o -e '--[a-z][a-z-]*' out | sort -u >options
	while read -r option; do
		that "the manual page has $command $option" grep -q -e "$option\\>" page
	done <options
done <commands

if command -v mandoc >mandoc.path; then
	that 'the manual page is well formed' mandoc -T lint -W style man/man1/tdxmod.1
else
	skip 'the manual page is well formed' 'mandoc is missing'
fi

finish
