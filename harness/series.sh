# SPDX-License-Identifier: GPL-2.0-only
# Sourced after common.sh by what handles the series: the build tree and its marks.
#
#	refs/tdx/base		the untouched base
#	refs/tdx/removed	without mainline's files of this feature: the series applies here
#	refs/tdx/applied	what series/ gave, or what it was last exported from
#	refs/tdx/next		the same, while the tree is brought to it

tree=$build/linux
series=$top/series
mainline_files=$top/harness/mainline-files
branch=tdx-module-update
neutral_name='TDX module update'
neutral_mail=series@localhost.invalid

# In order. For an older release, series/RELEASE/ has those that differ there, without their numbers.
patches() {
	[ ! -d "$series" ] || find "$series" -maxdepth 1 -name "*.patch" | LC_ALL=C sort | while read -r patch; do
		instead=$series/${RELEASE:-none}/${patch##*/[0-9][0-9][0-9][0-9]-}
		if [ -e "$instead" ]; then echo "$instead"; else echo "$patch"; fi
	done
}

# Changes when the patches, the base or the list of removed files do.
series_id() {
	{
		git -C "$1" rev-parse refs/tdx/base
		cat "$mainline_files"
		patches | xargs -r cat
	} | sha256sum | cut -d ' ' -f 1
}

# The same input gives the same commits, whoever calls.
neutral_git() {
	GIT_AUTHOR_NAME=$neutral_name GIT_AUTHOR_EMAIL=$neutral_mail \
	GIT_COMMITTER_NAME=$neutral_name GIT_COMMITTER_EMAIL=$neutral_mail \
		git "$@"
}

# Mark the base, and a commit on it that lacks the files that the series replaces.
mark_base() {
	git -C "$1" update-ref refs/tdx/base "$2"
	index=$(mktemp -u)
	removed=$(
		GIT_INDEX_FILE=$index
		export GIT_INDEX_FILE
		git -C "$1" read-tree refs/tdx/base
		grep -v '^#' "$mainline_files" | xargs git -C "$1" ls-files -z -- |
			git -C "$1" update-index -z --force-remove --stdin
		git -C "$1" write-tree
	)
	rm -f "$index"
	date=$(git -C "$1" log -1 --format=%aI refs/tdx/base)
	commit=$(GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date neutral_git -C "$1" \
		commit-tree "$removed" -p refs/tdx/base -m "Remove mainline's files of this feature")
	git -C "$1" update-ref refs/tdx/removed "$commit"
}

# Apply the patches named by the standard input to the commit $2 of the repository $1, without
# touching its work tree; print the commit.
apply_patches() {
	scratch=$(mktemp -d)
	git -C "$1" worktree add -q --no-checkout --detach "$scratch/linux" "$2"
	# A chain, since -e does not hold in what && or || is asked of.
	(
		cd "$scratch/linux" &&
			git sparse-checkout set --no-cone /none &&
			git read-tree HEAD &&
			git sparse-checkout reapply &&
			xargs -r git -c user.name="$neutral_name" -c user.email=$neutral_mail \
				am -q --committer-date-is-author-date >&2 &&
			git rev-parse HEAD
	) && applied=0 || applied=$?
	git -C "$1" worktree remove --force "$scratch/linux"
	rmdir "$scratch"
	return "$applied"
}

# Apply series/ in the repository $1 without touching its work tree; print the commit.
apply_series() { patches | apply_patches "$1" refs/tdx/removed; }

# Record that series/ and the commit $2 say the same.
remember() {
	git -C "$1" update-ref refs/tdx/applied "$2"
	git -C "$1" config tdx.series "$(series_id "$1")"
}

# Work in the build tree that is not exported.
has_local_work() {
	head=$(git -C "$tree" rev-parse HEAD)
	! git -C "$tree" for-each-ref --format='%(objectname)' refs/tdx/applied refs/tdx/next | grep -qx "$head" ||
		[ -n "$(git -C "$tree" status --porcelain)" ]
}

# A sed script: the From: header with its continuation lines becomes neutral.
neutral_from="1,/^\$/{/^From: /{:folded;N;/\n [^\n]*\$/bfolded;s/.*\n/From: $neutral_name <$neutral_mail>\n/}}"

# Write the commits up to $3 as patches into the folder $2, the same on every machine.
format_series() {
	git -C "$1" format-patch -q --zero-commit --full-index --no-renames --no-signature \
		--no-attach --no-thread --no-numbered --subject-prefix=PATCH --no-encode-email-headers \
		--diff-algorithm=myers --unified=3 -o "$2" "refs/tdx/removed..$3"
	find "$2" -name '*.patch' -exec sed -i -e "$neutral_from" {} +
}

# Files that the series creates or replaces, as they are in the commit $2.
series_files() { git -C "$1" diff --name-only --no-renames --diff-filter=A refs/tdx/removed "$2"; }

# Files of this repository, in folders that the kernel has too, which are not of the commit $2.
stale_files() {
	expected=$(mktemp)
	series_files "$1" "$2" | LC_ALL=C sort >"$expected"
	git -C "$1" ls-tree -d --name-only refs/tdx/base | while read -r folder; do
		[ ! -d "$top/$folder" ] || (cd "$top" && find "$folder" -type f)
	done | LC_ALL=C sort | comm -13 "$expected" -
	rm "$expected"
}

# checkpatch_mail TREE MAIL [OPTION]...: new files are listed in MAINTAINERS by one patch of the series, not by
# each. Tables of tests are made by macros that name a field twice, and a flag set by a signal
# handler is volatile.
checkpatch_mail() {
	case $2 in
	*KUnit*) tests=,MACRO_ARG_REUSE ;;
	*selftests*) tests=,VOLATILE ;;
	*) tests= ;;
	esac
	(cd "$1" && shift && perl scripts/checkpatch.pl --strict -q --ignore "FILE_PATH_CHANGES$tests" "$@")
}
