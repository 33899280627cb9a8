#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The mails that `make patches` writes apply to the untouched base, as its quilt series does, and
# satisfy checkpatch --strict.
set -eu
. "$(dirname -- "$0")/lib.sh"
. "$(dirname -- "$0")/../series.sh"

ls "$top"/series/*.patch >/dev/null 2>&1 || skip_all 'series/ has no patch'

# In a clone, as anybody would who got the mails.
same_by_am() {
	git clone -q --shared --no-checkout "$tree" "$scratch/clone"
	applied=$(find "$mails" -maxdepth 1 -name '0*.patch' ! -name '0000-*' | LC_ALL=C sort |
		apply_patches "$scratch/clone" "$(git -C "$tree" rev-parse refs/tdx/base)")
	git -C "$scratch/clone" diff --quiet "$applied" "$(git -C "$tree" rev-parse refs/tdx/applied)"
}

# patch(1) is what quilt calls. Only files that the series touches are needed.
same_by_quilt() {
	for commit in base applied; do
		mkdir "$scratch/$commit"
		git -C "$tree" log --name-only --no-renames --format= refs/tdx/base..refs/tdx/applied |
			sort -u | xargs git -C "$tree" ls-tree -r --name-only "refs/tdx/$commit" -- |
			xargs git -C "$tree" archive "refs/tdx/$commit" -- | tar -x -C "$scratch/$commit"
	done
	while read -r patch; do
		patch -d "$scratch/base" -p1 -f -s -E -F0 -i "$mails/quilt/$patch" || return 1
	done <"$mails/quilt/series"
	diff -r "$scratch/base" "$scratch/applied"
}

mails=$(SENDER='Test Sender <sender@localhost.invalid>' "$harness/patches")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ok 'mails apply to the untouched base' same_by_am
ok 'quilt series applies to the untouched base' same_by_quilt
for mail in "$mails"/0*.patch; do
	case $mail in
	*/0000-*) continue ;;
	esac
	ok "checkpatch ${mail##*/}" checkpatch_mail "$tree" "$mail"
done
done_testing
