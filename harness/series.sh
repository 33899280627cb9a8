# SPDX-License-Identifier: GPL-2.0-only
# Sourced after common.sh by what handles the series: the build tree and its marks.
#
#	refs/tdx/base		the untouched base
#	refs/tdx/removed	without mainline's files of this feature: the series applies here
#	refs/tdx/applied	what series/ gave, or what it was last exported from

tree=$build/linux
series=$top/series
mainline_files=$top/harness/mainline-files
branch=tdx-module-update

patches() { find "$series" -name '*.patch' 2>/dev/null | LC_ALL=C sort; }

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
	GIT_AUTHOR_NAME='TDX module update' GIT_AUTHOR_EMAIL=series@localhost.invalid \
	GIT_COMMITTER_NAME='TDX module update' GIT_COMMITTER_EMAIL=series@localhost.invalid \
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
		grep -v '^#' "$mainline_files" | xargs git -C "$1" rm -q -r --cached --ignore-unmatch --
		git -C "$1" write-tree
	)
	rm -f "$index"
	date=$(git -C "$1" log -1 --format=%aI refs/tdx/base)
	commit=$(GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date neutral_git -C "$1" \
		commit-tree "$removed" -p refs/tdx/base -m "Remove mainline's files of this feature")
	git -C "$1" update-ref refs/tdx/removed "$commit"
}

# Apply series/ in the repository $1 without touching its work tree; print the commit.
apply_series() {
	scratch=$(mktemp -d)
	git -C "$1" worktree add -q --no-checkout --detach "$scratch/linux" refs/tdx/removed
	(
		cd "$scratch/linux"
		git sparse-checkout set --no-cone /none
		git read-tree HEAD
		git sparse-checkout reapply
		[ -z "$(patches)" ] ||
			patches | xargs git -c user.name=series -c user.email=series@localhost.invalid \
				am -q --committer-date-is-author-date >&2
		git rev-parse HEAD
	) && applied=0 || applied=$?
	git -C "$1" worktree remove --force "$scratch/linux"
	rmdir "$scratch"
	return $applied
}

# Files that the series creates or replaces, as they are in the commit $2.
series_files() { git -C "$1" diff --name-only --no-renames --diff-filter=A refs/tdx/removed "$2"; }
